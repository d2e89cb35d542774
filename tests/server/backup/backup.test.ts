/** Backup, restore and move, on an embedded database and on PostgreSQL, and from each to the other. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { ArtifactStore } from "@/lib/server/artifacts";
import { bucketStore, folderStore, moveArtifacts, sha256 } from "@/lib/server/artifacts";
import type { Place } from "@/lib/server/backup/backup";
import { backup } from "@/lib/server/backup/backup";
import { move, restore } from "@/lib/server/backup/restore";
import { openBucket } from "@/lib/server/bucket";
import type { OpenDatabase } from "@/lib/server/database/client";
import { openDatabase } from "@/lib/server/database/client";
import { migrate } from "@/lib/server/database/migrate";
import { knownMigrations } from "@/lib/server/database/migrations";
import { seed } from "@/lib/server/database/seed";
import { testData } from "@/lib/server/datasets";
import { publish } from "@/lib/server/runs/publish";
import { aSubmission } from "../../leaderboard/a-submission";
import type { PostgresServer } from "../../support/postgres";
import { findPostgres, startPostgres } from "../../support/postgres";
import type { S3Server } from "../../support/s3";
import { startS3 } from "../../support/s3";
import { copyDatabase } from "../databases";

// Each opens several embedded databases, of seconds of computing each.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const root = mkdtempSync(join(tmpdir(), "dmbench-backup-"));
const postgres = findPostgres() !== undefined;
const kinds = postgres || process.env.CI === "true" ? (["embedded", "postgresql"] as const) : (["embedded"] as const);
type Kind = (typeof kinds)[number];

let server: PostgresServer | undefined;
let made = 0;
const sources = new Map<Kind, Place>();

/** An empty installation. */
async function empty(kind: Kind): Promise<Place> {
  made += 1;
  const dataFolder = join(root, `site-${made}`);
  mkdirSync(dataFolder);
  if (kind === "embedded") return { database: { folder: join(dataFolder, "db") }, dataFolder };
  const admin = openDatabase({ url: server!.url });
  await admin.client.$executeRawUnsafe(`CREATE DATABASE site_${made}`);
  await admin.close();
  return { database: { url: server!.url.replace(/\/postgres$/, `/site_${made}`) }, dataFolder };
}

/** An installation as its first start leaves it. */
async function installed(kind: Kind): Promise<Place> {
  const place = await empty(kind);
  if ("folder" in place.database) await copyDatabase("installed", place.database.folder);
  else
    await using(place, async (opened) => {
      await migrate(opened);
      await seed(opened.client);
    });
  return place;
}

async function using<Result>(place: Place, use: (database: OpenDatabase) => Promise<Result>): Promise<Result> {
  const opened = openDatabase(place.database);
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}

/** An installation with a published run, and with rows that are hard to copy. */
async function inUse(kind: Kind): Promise<Place> {
  const place = await installed(kind);
  const dataset = await testData("digits");
  if ("reason" in dataset) throw new Error(dataset.remedy);
  await using(place, async ({ client: db }) => {
    const ada = await db.user.create({ data: { name: "ada", role: "maintainer", passwordHash: "scrypt$1$2$3$a$b" } });
    const store = folderStore(join(place.dataFolder, "artifacts"));
    await publish(aSubmission({ dataset }), ada.id, { db, store, testData, boardWaitMs: 60_000 });
    const text = "\u2028 line\r\nbreaks \\ \" ' \t, 名前 🎈 NULL \\N";
    await db.apiToken.create({ data: { userId: ada.id, name: text, hash: "h", scopes: ["read", 'a"b,{}\\'] } });
    const policy = { hash: "", slug: "", name: text, givenName: text, description: text, rule: text, kind: "constant" };
    // The later one is stored first, and has the greater id.
    const child = await db.policy.create({
      data: {
        ...policy,
        id: "ffffffff-0000-7000-8000-000000000002",
        hash: "c",
        slug: "child",
        document: { a: null, b: [1e-300, 0.1, -0] },
      },
    });
    const parent = await db.policy.create({
      data: { ...policy, id: "ffffffff-0000-7000-8000-000000000003", hash: "p", slug: "parent", document: {} },
    });
    await db.$executeRaw`UPDATE policy SET fork_of_id = ${parent.id}::uuid, document = 'null'::jsonb WHERE id = ${child.id}::uuid`;
    await db.$executeRaw`UPDATE policy SET created_at = '0044-03-15 00:00:00.123+00 BC' WHERE id = ${parent.id}::uuid`;
    await db.$executeRaw`
      UPDATE board_row SET accuracy_mean = 0.1::float8 + 0.2::float8, esm_mean = 5e-324, sensitivity_mean = 1.7976931348623157e308,
                           gap_low = '-0', gap_high = 'NaN', f_score_mean = 'Infinity'`;
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ select: { id: true } });
    const heldOut = { key: "held-out/run.safetensors", bytes: Buffer.from("weights") };
    await store.put(heldOut.key, heldOut.bytes);
    await db.trajectory.create({
      data: {
        benchmarkId,
        variant: "bn",
        seed: 2n ** 53n - 1n,
        visibility: "held_out",
        number: 1,
        artifactKey: heldOut.key,
        artifactHash: sha256(heldOut.bytes),
        artifactBytes: heldOut.bytes.length,
        commitmentKey: Uint8Array.from({ length: 32 }, (_, byte) => 255 - 8 * byte),
        datasetVersion: "1",
        datasetHash: "d",
        software: {},
      },
    });
    await db.boardRevision.updateMany({ data: { revision: 2n ** 63n - 1n } });
  });
  writeFileSync(join(place.dataFolder, "session-secret"), "a secret", { mode: 0o600 });
  mkdirSync(join(place.dataFolder, "trajectories/digits-mlp-v1/held-out"), { recursive: true });
  writeFileSync(join(place.dataFolder, "trajectories/digits-mlp-v1/held-out/SHA256SUMS"), "0\n");
  mkdirSync(join(place.dataFolder, "datasets"));
  writeFileSync(join(place.dataFolder, "datasets/downloaded.gz"), "can be had again");
  writeFileSync(join(place.dataFolder, "artifacts/half.partial"), "never finished");
  return place;
}

/** Every row of every table as PostgreSQL's JSON, by other queries than those that a backup uses. */
const rowsOf = (place: Place): Promise<Record<string, string[]>> =>
  using(place, ({ client }) =>
    client.$transaction(async (tx) => {
      await tx.$executeRawUnsafe("SET LOCAL timezone = 'UTC'");
      const tables = await tx.$queryRawUnsafe<{ name: string }[]>(
        "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'",
      );
      const rows: Record<string, string[]> = {};
      for (const { name } of tables)
        rows[name] = (
          await tx.$queryRawUnsafe<{ row: string }[]>(`SELECT row_to_json(t)::text AS row FROM "${name}" AS t`)
        )
          .map(({ row }) => row)
          .sort();
      return rows;
    }),
  );

/** Compares row by row: a difference of whole tables would be too long to print. */
async function expectSameRows(place: Place, expected: Place): Promise<void> {
  const [found, wanted] = [await rowsOf(place), await rowsOf(expected)];
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [table, rows] of Object.entries(wanted)) {
    const others = new Set(found[table]);
    expect.soft(rows.filter((row) => !others.has(row)).slice(0, 3), `missing in ${table}`).toEqual([]);
    expect.soft(found[table], table).toHaveLength(rows.length);
  }
}

/** Every file below a folder, except databases: its SHA-256. */
const filesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => !/^db(\.lock|\/|$)/.test(file) && statSync(join(folder, file)).isFile())
      .sort()
      .map((file) => [file, sha256(readFileSync(join(folder, file)))]),
  );

const keptFilesOf = (folder: string) =>
  Object.fromEntries(Object.entries(filesOf(folder)).filter(([file]) => !/^datasets|partial$/.test(file)));

function newFolder(): string {
  made += 1;
  return join(root, `backup-${made}`);
}

beforeAll(async () => {
  if (kinds.length > 1) server = await startPostgres();
  for (const kind of kinds) sources.set(kind, await inUse(kind));
});

afterAll(() => {
  server?.stop();
  rmSync(root, { recursive: true });
});

describe.each(kinds)("a backup of a site on %s", (from) => {
  const folder = newFolder();

  beforeAll(async () => {
    await backup(sources.get(from)!, folder);
  });

  it.each(kinds)("restores every row and file into an empty site on %s", async (to) => {
    const source = sources.get(from)!;
    const target = await empty(to);
    await restore(folder, target);
    await expectSameRows(target, source);
    expect(filesOf(target.dataFolder)).toEqual(keptFilesOf(source.dataFolder));
    expect(statSync(join(target.dataFolder, "session-secret")).mode & 0o777).toBe(0o600);

    // It goes on as the old one would have: new rows get new numbers, and nothing can be deleted.
    await using(target, async ({ client: db }) => {
      const [last] = await db.logEntry.findMany({ orderBy: { id: "desc" }, take: 1 });
      const next = await db.logEntry.create({ data: { action: "a", subject: "s", subjectId: "i", detail: {} } });
      expect(next.id).toBeGreaterThan(last!.id);
      await expect(db.logEntry.deleteMany()).rejects.toThrow("log_entry is kept");
      await expect(db.$executeRaw`UPDATE run SET user_id = ${crypto.randomUUID()}::uuid`).rejects.toThrow(
        "foreign key",
      );
    });
  });

  it("is written whole or not at all, and never over another", async () => {
    const before = filesOf(folder);
    await expect(backup(sources.get(from)!, folder)).rejects.toThrow("is not empty");
    expect(filesOf(folder)).toEqual(before);
    expect(existsSync(`${folder}.partial`)).toBe(false);
  });

  it("is refused where anything in it was changed, and nothing is stored", async () => {
    const target = await empty(kinds.at(-1)!); // a server opens faster
    const table = JSON.parse(readFileSync(join(folder, "backup.json"), "utf8")) as { files: { path: string }[] };
    const artifact = `files/${table.files.find(({ path }) => path.startsWith("artifacts/"))!.path}`;
    const changes: [file: string, change: (text: string) => string | null, message: RegExp][] = [
      ["tables/user.ndjson", (text) => text.replace("ada", "eve"), /tables\/user.ndjson is missing or not the one/],
      ["tables/user.ndjson", (text) => `${text}${text}`, /tables\/user.ndjson|[Uu]nique/],
      ["tables/run.ndjson", () => null, /tables\/run.ndjson is missing or not the one/],
      ["tables/allowance.ndjson", () => "{}\n", /allowance/],
      [artifact, (text) => `${text}x`, /artifacts\/.* is missing or not the one/],
      ["files/session-secret", () => null, /session-secret is missing or not the one/],
      ["backup.json", (text) => text.slice(1), /is no JSON/],
      ["backup.json", () => "null", /is not as a backup's should be/],
      ["backup.json", () => null, /is no backup: backup.json can't be read/],
      ["backup.json", (text) => text.replace('"version": 1', '"version": 2'), /reads backups up to version 1/],
      ["backup.json", (text) => text.replace(/"path": "a/, '"path": "../a'), /is not as a backup's should be/],
      [
        "backup.json",
        (text) => text.replace(/"migrations": \[/, '"migrations": ["20990101000000_later",'),
        /of a later version .*20990101000000_later/,
      ],
      ["backup.json", (text) => text.replace(/"hash": "text"/, '"hash": "integer"'), /tables differ .*hash/],
    ];
    for (const [file, change, message] of changes) {
      const copy = newFolder();
      cpSync(folder, copy, { recursive: true });
      const changed = change(readFileSync(join(copy, file), "latin1"));
      if (changed === null) rmSync(join(copy, file));
      else writeFileSync(join(copy, file), changed, "latin1");
      await expect.soft(restore(copy, target), file).rejects.toThrow(message);
    }
    expect(filesOf(target.dataFolder)).toEqual({});
    expect(Object.values(await rowsOf(target)).flat()).toEqual([]);
    await restore(folder, target); // and it still can be
  });
});

it("replaces an installation only if asked, and keeps its files aside", async () => {
  const folder = newFolder();
  await backup(sources.get("embedded")!, folder);
  const target = await installed("embedded");
  await using(target, ({ client }) =>
    client.logEntry.create({ data: { action: "old", subject: "s", subjectId: "i", detail: {} } }),
  );
  await expect(restore(folder, target)).rejects.toThrow("The database to fill is not empty");
  writeFileSync(join(target.dataFolder, "session-secret"), "another");
  await expect(restore(folder, target)).rejects.toThrow("is not empty: it has session-secret");
  await restore(folder, target, { replace: true });
  await expectSameRows(target, sources.get("embedded")!);
  const [aside] = readdirSync(target.dataFolder).filter((name) => name.startsWith("replaced-"));
  expect(readFileSync(join(target.dataFolder, aside!, "session-secret"), "utf8")).toBe("another");
  expect(readFileSync(join(target.dataFolder, "session-secret"), "utf8")).toBe("a secret");
});

it("says that the site must be stopped while an embedded database is in use, and that there is none", async () => {
  const place = sources.get("embedded")!;
  await copyDatabase("empty", join(root, "held"));
  const holder = openDatabase({ folder: join(root, "held") });
  try {
    await expect(backup({ ...place, database: { folder: join(root, "held") } }, newFolder())).rejects.toThrow(
      /stop the site to back up/,
    );
  } finally {
    await holder.close();
  }
  await expect(backup(await empty("embedded"), newFolder())).rejects.toThrow("There is no database in");
});

it("tells damaged and missing artifacts, and keeps the rest", async () => {
  const place = { ...sources.get("embedded")!, dataFolder: join(root, "damaged") };
  cpSync(sources.get("embedded")!.dataFolder, place.dataFolder, { recursive: true });
  const artifacts = Object.keys(filesOf(place.dataFolder)).filter((file) => /^artifacts.*safetensors/.test(file));
  const warnings: string[] = [];
  const onWarning = (text: string) => warnings.push(text);
  await backup(place, newFolder(), { onWarning });
  expect(warnings).toEqual([]);
  writeFileSync(join(place.dataFolder, artifacts[0]!), "damaged");
  await backup(place, newFolder(), { onWarning });
  rmSync(join(place.dataFolder, artifacts[0]!));
  await backup(place, newFolder(), { onWarning });
  expect(warnings).toEqual([
    expect.stringMatching(`${artifacts[0]} is damaged`),
    expect.stringMatching(`${artifacts[0]} is missing`),
  ]);
});

it("restores a backup of an earlier version, and brings its tables up to date", async () => {
  const earlier = await empty("embedded");
  await copyDatabase("empty", join(earlier.dataFolder, "db"));
  await using(earlier, async (opened) => {
    await migrate(opened, knownMigrations().slice(0, 3));
    await opened.client.$executeRaw`INSERT INTO "user" (id, name) VALUES (${crypto.randomUUID()}::uuid, 'early')`;
  });
  const folder = newFolder();
  expect((await backup(earlier, folder)).migrations).toEqual(knownMigrations().slice(0, 3));
  const target = await empty("embedded");
  await restore(folder, target);
  await using(target, async (opened) => {
    expect(await migrate(opened)).toEqual([]);
    expect(await opened.client.user.findMany({ select: { name: true } })).toEqual([{ name: "early" }]);
  });
  await expect(restore(folder, await installed("embedded"))).rejects.toThrow("has tables of a later version");
});

describe("with artifacts in a bucket", () => {
  const kind = kinds.at(-1)!; // a server opens faster
  const servers: S3Server[] = [];
  afterAll(async () => {
    for (const s3 of servers) await s3.stop();
  });
  const bucketOf = async (): Promise<{ s3: S3Server; bucket: ArtifactStore }> => {
    const s3 = await startS3();
    servers.push(s3);
    const settings = { url: s3.url, accessKeyId: "key", secretAccessKey: "secret", region: "eu-test-1" };
    return { s3, bucket: bucketStore(openBucket(settings)) };
  };
  const contentsOf = ({ objects }: S3Server) =>
    Object.fromEntries([...objects].sort().map(([key, bytes]) => [`artifacts/${key}`, sha256(bytes)]));

  it("reads them from it, and restores them into another, or into a folder", async () => {
    const { s3, bucket } = await bucketOf();
    const folderSite = sources.get(kind)!;
    const place = { ...folderSite, bucket, dataFolder: join(root, "with-bucket") };
    cpSync(folderSite.dataFolder, place.dataFolder, { recursive: true });
    const artifacts = Object.entries(keptFilesOf(folderSite.dataFolder)).filter(([file]) => /^artifacts/.test(file));
    expect(await moveArtifacts(join(place.dataFolder, "artifacts"), bucket)).toBe(artifacts.length);
    expect(contentsOf(s3)).toEqual(Object.fromEntries(artifacts));

    const folder = newFolder();
    const warnings: string[] = [];
    const { files } = await backup(place, folder, { onWarning: (text) => warnings.push(text) });
    expect(warnings).toEqual([]);
    expect(Object.fromEntries(files.map(({ path, sha256: hash }) => [path, hash]))).toEqual(
      keptFilesOf(folderSite.dataFolder),
    );

    const other = await bucketOf();
    const target = { ...(await empty(kind)), bucket: other.bucket };
    await restore(folder, target);
    await expectSameRows(target, place);
    expect(contentsOf(other.s3)).toEqual(contentsOf(s3));
    expect(Object.keys(filesOf(target.dataFolder)).filter((file) => file.startsWith("artifacts"))).toEqual([]);
    await using(target, async ({ client: db }) => {
      const run = await db.run.findFirstOrThrow();
      expect(await other.bucket.get({ key: run.predictionsKey, hash: run.predictionsHash })).not.toBeNull();
    });

    const plain = await empty(kind);
    await restore(folder, plain);
    expect(filesOf(plain.dataFolder)).toEqual(keptFilesOf(folderSite.dataFolder));
  });

  it("tells what the bucket has lost or changed, keeps the rest, and is nothing while the bucket is away", async () => {
    const { s3, bucket } = await bucketOf();
    const place = { ...sources.get(kind)!, bucket };
    const [key, bytes] = await using(place, async ({ client: db }) => {
      const keys = [await db.run.findFirstOrThrow(), await db.trajectory.findFirstOrThrow()].map((row) =>
        "predictionsKey" in row ? row.predictionsKey : row.artifactKey,
      );
      for (const one of keys) s3.objects.set(one, readFileSync(join(place.dataFolder, "artifacts", one)));
      return [keys[0]!, s3.objects.get(keys[0]!)!] as const;
    });
    s3.objects.delete(key);
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    const kept = (files: readonly { path: string }[]) => files.some(({ path }) => path === `artifacts/${key}`);
    expect(kept((await backup(place, newFolder(), { onWarning })).files)).toBe(false);
    s3.objects.set(key, bytes.subarray(1));
    expect(kept((await backup(place, newFolder(), { onWarning })).files)).toBe(true);
    expect(warnings).toEqual([
      expect.stringMatching(`artifacts/${key} is missing`),
      expect.stringMatching(`artifacts/${key} is damaged`),
    ]);
    s3.fault = () => ({ status: 403, code: "InvalidAccessKeyId" });
    const folder = newFolder();
    await expect(backup(place, folder)).rejects.toThrow("AWS_ACCESS_KEY_ID: ");
    expect(existsSync(folder) || existsSync(`${folder}.partial`)).toBe(false);

    s3.fault = () => null;
    s3.objects.set(key, bytes);
    await backup(place, folder);
    const target = { ...(await empty(kind)), bucket };
    s3.fault = () => ({ status: 403, code: "AccessDenied" });
    await expect(restore(folder, target)).rejects.toThrow("DMBENCH_BUCKET: ");
    expect(Object.values(await rowsOf(target)).flat()).toEqual([]);
    s3.fault = () => null;
    await restore(folder, target);
    await expectSameRows(target, place);
  });
});

describe.runIf(kinds.length > 1)("on PostgreSQL", () => {
  it("is one consistent state, though the site goes on writing", async () => {
    const place = await empty("postgresql");
    await using(place, async (opened) => {
      await migrate(opened);
      let done = false;
      const writing = (async () => {
        for (let i = 0; !done; i += 1)
          await opened.client.$transaction([
            opened.client.user.create({ data: { name: `user-${i}` } }),
            opened.client.allowance.create({ data: { key: `user-${i}`, due: new Date() } }),
          ]);
      })();
      try {
        for (let i = 0; i < 5; i += 1) {
          const { tables } = await backup(place, newFolder());
          const rows = Object.fromEntries(tables.map((table) => [table.name, table.rows]));
          expect(rows.user).toBe(rows.allowance);
        }
      } finally {
        done = true;
        await writing;
      }
      expect(await opened.client.user.count()).toBeGreaterThan(0);
    });
  });

  it("moves an embedded database to an empty server, and refuses any other", async () => {
    const source = sources.get("embedded")!;
    const { database } = await empty("postgresql");
    const { url } = database as { url: string };
    await move(source, url);
    await expectSameRows({ ...source, database }, source);
    await expect(move(source, url)).rejects.toThrow("is not empty");
    await expect(move({ ...source, database }, url)).rejects.toThrow("on PostgreSQL already");
  });
});
