/**
 * The previous release's database, upgraded: its rows are as they were, and that release can go on writing them, since
 * its instances serve until they are replaced.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/lib/server/database/client";
import { migrate } from "@/lib/server/database/migrate";
import { appliedMigrations, knownMigrations } from "@/lib/server/database/migrations";
import { prepareDatabase } from "@/lib/server/prepare-database";
import { emptyDatabases } from "../databases";

const dump = readFileSync(fileURLToPath(new URL("../../fixtures/previous-release.sql", import.meta.url)), "utf8");
const inserts = dump.match(/^INSERT INTO public\.(?!_prisma_migrations)[\s\S]*?\);$/gm)!;

/** Columns that went before the rule of CONTRIBUTING. The previous release never read this table, and wrote none of it. */
const gone = ["session.session_token"];

/** What a release makes again from the rest, or takes from its source. */
const madeAgain = ["board_row", "board_revision", "stale_board_row", "benchmark", "allowance"];

type Columns = ReadonlyMap<string, readonly string[]>;

async function columnsOf({ client }: OpenDatabase): Promise<Columns> {
  const rows = await client.$queryRaw<{ table: string; columns: string[] }[]>`
    SELECT table_name::text AS table, array_agg(column_name::text ORDER BY ordinal_position) AS columns
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
    GROUP BY 1 ORDER BY 1`;
  return new Map(rows.map(({ table, columns }) => [table, columns]));
}

/** What no release changes: of a built-in policy all but its name and words. */
function kept(table: string, rows: readonly string[]): unknown[] {
  if (table !== "policy") return [...rows];
  return rows.map((row) => {
    const { id, hash, document, author_id: author, created_at: created } = JSON.parse(row) as Record<string, unknown>;
    return { id, hash, document, author, created };
  });
}

/** Every row of these columns, as text. */
async function rowsOf({ client }: OpenDatabase, columns: Columns): Promise<Record<string, string[]>> {
  const tables = [...columns].map(async ([table, names]) => {
    const list = names.filter((name) => !gone.includes(`${table}.${name}`)).map((name) => `"${name}"`);
    const rows = await client.$queryRawUnsafe<{ row: string }[]>(
      `SELECT row_to_json(one)::text AS row FROM (SELECT ${list.join(", ")} FROM "${table}") AS one ORDER BY 1`,
    );
    return [table, rows.map(({ row }) => row)] as const;
  });
  return Object.fromEntries(await Promise.all(tables));
}

async function execute({ connect }: OpenDatabase, script: string): Promise<void> {
  const connection = await connect();
  await connection.executeScript(script);
  await connection.dispose();
}

describe.each(emptyDatabases)("the previous release's database on $name", ({ open }) => {
  const closing: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const close of closing) await close();
  });
  const fresh = async (): Promise<OpenDatabase> => {
    const { opened, close } = await open();
    closing.push(close);
    return opened;
  };

  let opened: OpenDatabase;
  let columns: Columns;
  let before: Awaited<ReturnType<typeof rowsOf>>;
  beforeAll(async () => {
    opened = await fresh();
    await execute(opened, `${dump}\nRESET ALL;`);
    columns = await columnsOf(opened);
    before = await rowsOf(opened, columns);
  });

  it("keeps each row as it was, in every column that it had", async () => {
    const filled = Object.keys(before).filter((table) => before[table]!.length > 0);
    expect(filled).toEqual(
      expect.arrayContaining(["user", "run", "run_score", "policy", "trajectory", "score", "flag"]),
    );
    const applied = await appliedMigrations(opened.client);
    expect(await migrate(opened)).toEqual(knownMigrations().filter((name) => !applied.includes(name)));
    expect(await rowsOf(opened, columns)).toEqual(before);

    await prepareDatabase(opened, () => {});
    const after = await rowsOf(opened, columns);
    for (const table of Object.keys(before).filter((name) => !madeAgain.includes(name)))
      expect(kept(table, after[table]!), table).toEqual(expect.arrayContaining(kept(table, before[table]!)));
    expect(after.board_row!.length).toBeGreaterThan(0);
  }, 300_000); // two databases in WebAssembly, on a machine that may be busy

  it("takes from that release what it writes, and gives it back", async () => {
    const upgraded = await fresh();
    await migrate(upgraded);
    const keys = await upgraded.client.$queryRaw<{ table: string; key: string }[]>`
      SELECT conrelid::regclass::text AS table, quote_ident(conname) AS key FROM pg_constraint WHERE contype = 'f'`;
    const deferred = keys.map(({ table, key }) => `ALTER TABLE ${table} ALTER CONSTRAINT ${key} DEFERRABLE;`);
    const numbered = "SELECT setval(pg_get_serial_sequence('log_entry', 'id'), (SELECT max(id) FROM log_entry));";
    await execute(
      upgraded,
      [...deferred, "BEGIN; SET CONSTRAINTS ALL DEFERRED;", ...inserts, numbered, "COMMIT;"].join("\n"),
    );
    expect(await rowsOf(upgraded, columns)).toEqual(before);

    await prepareDatabase(upgraded, () => {});
    expect(await upgraded.client.policy.count({ where: { nameKey: null } })).toBe(0);
  }, 300_000);

  it("gives a built-in policy's slug to its new document; the old one keeps its scores under what it is now", async () => {
    const db = opened.client;
    const rows = await db.policy.findMany({
      where: { slug: { in: ["keras-default", "static-0.99"] } },
      orderBy: { slug: "asc" },
      select: { slug: true, document: true, _count: { select: { scores: true } } },
    });
    expect(rows).toMatchObject([
      { slug: "keras-default", document: { momentum: "0.99", variance: "biased" }, _count: { scores: 0 } },
      { slug: "static-0.99", document: { momentum: "0.99", variance: "unbiased" } },
    ]);
    const [entry] = await db.logEntry.findMany({ where: { action: "policy.superseded" } });
    expect(entry!.detail).toMatchObject({ slug: "static-0.99", before: "keras-default" });

    // A built-in policy whose document is nobody's now, and a stranger's policy with the slug of a new one.
    const { id } = await db.policy.findUniqueOrThrow({ where: { slug: "nasnet" }, select: { id: true } });
    await db.policy.update({ where: { id }, data: { hash: "0123456789abcdef" } });
    await db.policy.update({ where: { slug: "ada-s-ceiling" }, data: { slug: "taken" } });
    await db.policy.update({ where: { slug: "airbench" }, data: { slug: "elsewhere" } });
    await db.policy.update({ where: { slug: "taken" }, data: { slug: "airbench" } });
    await prepareDatabase(opened, () => {});
    expect(await db.policy.findUnique({ where: { id } })).toMatchObject({
      slug: "nasnet-01234567",
      name: "NASNet, version 0.1",
    });
    expect(await db.policy.findUnique({ where: { slug: "airbench" } })).toMatchObject({ name: "CIFAR-10 airbench" });
    expect(await db.policy.findUnique({ where: { slug: "airbench-7436af13" } })).toMatchObject({
      name: "Ada’s ceiling",
    });
    expect(await db.logEntry.count({ where: { action: "policy.superseded" } })).toBe(3);
    await prepareDatabase(opened, () => {});
    expect(await db.logEntry.count({ where: { action: "policy.superseded" } })).toBe(3);
  }, 300_000);
});
