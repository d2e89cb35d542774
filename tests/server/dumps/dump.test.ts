/** Dumps: what is in them and what never is, and what a site that imports one shows. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { exportFormats, readBoardView, scorerVersion } from "@/lib/leaderboard";
import { sha256 } from "@/lib/server/artifacts";
import { withSnapshot } from "@/lib/server/backup/rows";
import { boardRows } from "@/lib/server/boards/read";
import { refreshStaleBoards } from "@/lib/server/boards/refresh";
import type { OpenDatabase } from "@/lib/server/database/client";
import { migrate } from "@/lib/server/database/migrate";
import { dump } from "@/lib/server/dumps/dump";
import { importDump } from "@/lib/server/dumps/import";
import type { Manifest } from "@/lib/server/dumps/manifest";
import { publicTables, undecided } from "@/lib/server/dumps/published";
import { parquetValue, postgresText } from "@/lib/server/dumps/values";
import { publish } from "@/lib/server/runs/publish";
import { run as readRun } from "@/lib/server/runs/read";
import { commitmentOf } from "@/lib/server/scoring/commitment";
import { aSubmission } from "../../leaderboard/a-submission";
import { aBoard } from "../a-board";
import { ranked } from "../a-ticket";
import { emptyDatabases, onEachDatabase } from "../databases";
import { digitsTestData } from "../material";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const root = mkdtempSync(join(tmpdir(), "dmbench-dump-"));
afterAll(() => rmSync(root, { recursive: true }));

/** With the tables of this version. */
async function current(opened: OpenDatabase): Promise<OpenDatabase> {
  await migrate(opened);
  return opened;
}

let made = 0;
const newFolder = (): string => join(root, `dump-${++made}`);

const readTable = async (folder: string, table: string): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: await asyncBufferFromFile(join(folder, `${table}.parquet`)), utf8: false });

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;

/** Everything that a dump's bytes say: as they are, and as a reader unpacks them. */
async function contentsOf(folder: string): Promise<string> {
  const raw = readdirSync(folder).map((file) => readFileSync(join(folder, file)).toString("latin1"));
  const rows = await Promise.all(Object.keys(publicTables).map((table) => readTable(folder, table)));
  const text = (_: string, value: unknown) =>
    typeof value === "bigint"
      ? String(value)
      : value instanceof Uint8Array
        ? Buffer.from(value).toString("hex")
        : value;
  return [...raw, JSON.stringify(rows, text)].join("\n");
}

let views = 0;

/** The SHA-256 of every board's export, by its name: Open and Closed, over seeds and each seed of the Open runs. */
async function exportsOf(db: OpenDatabase["client"]): Promise<Record<string, string>> {
  views += 1; // boards are cached by their revision, which the importing site has too
  const found: Record<string, string> = {};
  for (const { slug, version } of await db.benchmark.findMany())
    for (const query of [{ division: "open" }, { division: "open", seeds: "each" }, { division: "closed" }]) {
      const view = readBoardView({ ...query, version: String(version), rows: "all" });
      const board = (await boardRows(slug, view, { take: 10_000 + views }, db))!;
      const name = `${slug} ${version} ${query.division} ${query.seeds ?? "together"}: ${board.rows.length}`;
      found[name] = sha256(
        Buffer.from(exportFormats.json.write({ benchmark: board.benchmark, view, rows: board.rows })),
      );
    }
  return found;
}

const heldOutSeed = 2n ** 53n - 12_345n;
const commitmentKey = Uint8Array.from({ length: 32 }, (_, byte) => 255 - 7 * byte);
const secrets = {
  "password hash": "scrypt$1$2$3$salt$planted-key",
  "e-mail": "ada@planted.example",
  picture: "https://provider.example/u/4711",
  "hash of a token": "planted-token-hash",
  "name of a token": "planted-token-name",
  "provider's id": "planted-provider-id",
  "provider's token": "planted-access-token",
  session: "018f0000-0000-7000-8000-00000000beef",
  "address in a rate limit": "203.0.113.77",
  notice: "planted notice",
  "open flag": "planted reason of a flag",
  "seed of a held-out run": String(heldOutSeed),
  "hash of a held-out run": "ab".repeat(32),
  "artifact of a held-out run": "held-out/planted.safetensors",
  "key of a held-out run": Buffer.from(commitmentKey).toString("hex"),
  "predictions on a held-out run": "cd".repeat(32),
  "idempotency key": "planted-idempotency-key",
  "idempotency key of a measurement": "planted-measurement-key",
  "id of an unreported ticket": "11111111-2222-4333-8444-555555555555",
  "seed of an unreported ticket": "4123456789",
  "reason that a hidden run stays hidden": "planted-hidden-run",
  "hidden policy": "planted-hidden-policy",
} as const;

onEachDatabase("a dump", (installation) => {
  const folder = newFolder();
  let manifest: Manifest;
  let runId: string;
  let hiddenRunId: string;
  let ticketId: string;
  let heldOut: { id: string; commitment: string };

  const open = (): OpenDatabase => ({ client: installation().db }) as OpenDatabase;

  beforeAll(async () => {
    const { db } = installation();
    const dataset = await digitsTestData();
    await aBoard(db, { benchmark: "mnist-mlp", division: "open", methods: 20, authors: ["ada", "bob"] });
    await aBoard(db, { benchmark: "mnist-mlp", division: "closed", methods: 20, authors: ["ada", "cyd"] });
    const ada = await db.user.update({
      where: { name: "ada" },
      data: {
        email: secrets["e-mail"],
        passwordHash: secrets["password hash"],
        image: secrets.picture,
        apiTokens: {
          create: { name: secrets["name of a token"], hash: secrets["hash of a token"], scopes: ["read"] },
        },
        accounts: {
          create: {
            type: "oauth",
            provider: "github",
            providerAccountId: secrets["provider's id"],
            access_token: secrets["provider's token"],
          },
        },
        sessions: { create: { id: secrets.session, version: 0, expires: new Date() } },
        notices: { create: { kind: "flagged", title: secrets.notice, href: "/", text: secrets.notice } },
        flags: { create: { subject: "run", subjectId: "1", reason: secrets["open flag"] } },
      },
    });
    const dudley = await db.user.create({ data: { name: "published-nothing", email: "dudley@planted.example" } });
    const publishRun = async (seed: number, key?: string) => {
      const submission = await ranked(db, aSubmission({ dataset, seed, ...(key && { key }) }));
      ticketId = submission.ticket!;
      const publication = await publish(submission, ada.id, installation());
      if ("refusals" in publication) throw new Error(JSON.stringify(publication.refusals));
      return publication.runId;
    };
    hiddenRunId = await publishRun(71, secrets["reason that a hidden run stays hidden"]);
    await publishRun(72);
    runId = await publishRun(73, secrets["idempotency key"]);
    await db.run.update({ where: { id: hiddenRunId }, data: { hiddenAt: new Date() } });
    const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: "digits-mlp" } });
    await db.ticket.create({
      data: {
        id: secrets["id of an unreported ticket"],
        benchmarkId,
        number: 1,
        seed: BigInt(secrets["seed of an unreported ticket"]),
        userId: dudley.id,
        expiresAt: new Date(),
      },
    });
    await db.allowance.create({ data: { key: `write/${secrets["address in a rate limit"]}`, due: new Date() } });
    const name = secrets["hidden policy"];
    const hidden = await db.policy.create({
      data: {
        ...{ slug: name, hash: name, name, givenName: name, description: "", rule: "", kind: "schedule", document: {} },
        hiddenAt: new Date(),
      },
    });
    const policy = await db.policy.findFirstOrThrow({ where: { slug: "generated-open-1" } });
    await db.policy.update({ where: { id: policy.id }, data: { forkOfId: hidden.id } });
    const trajectory = {
      ...{ benchmarkId, variant: "bn", number: 1, artifactBytes: 9, datasetVersion: "1", datasetHash: "d" },
      software: {},
    };
    const secret = await db.trajectory.create({
      data: {
        ...trajectory,
        seed: heldOutSeed,
        visibility: "held_out",
        artifactKey: secrets["artifact of a held-out run"],
        artifactHash: secrets["hash of a held-out run"],
        commitmentKey,
      },
    });
    heldOut = {
      id: secret.id,
      commitment: commitmentOf({ commitmentKey, seed: heldOutSeed, artifactHash: secret.artifactHash })!,
    };
    const open = await db.trajectory.create({
      data: { ...trajectory, seed: 5, visibility: "public", artifactKey: "trajectories/e", artifactHash: "e" },
    });
    const score = {
      ...{ policyId: policy.id, scorerVersion, accuracy: 0.1 + 0.2, sensitivity: 1e-7, specificity: 1, fScore: 0.5 },
      ...{
        esm: 5e-324,
        confusionMatrix: [[1, 0.5]],
        esmLayers: [],
        momentumPerLayer: [0.9],
        edgeOfGrid: ['a "b",', ""],
      },
      correct: Uint8Array.of(1, 2, 255),
      predictionsHash: secrets["predictions on a held-out run"],
      predictionsKey: `predictions/${secrets["predictions on a held-out run"]}.safetensors`,
    };
    await db.score.createMany({
      data: [
        { ...score, trajectoryId: secret.id },
        { ...score, trajectoryId: open.id, predictionsHash: "f", predictionsKey: "predictions/f.safetensors" },
      ],
    });
    await db.measurement.create({
      data: {
        ...{ userId: ada.id, idempotencyKey: secrets["idempotency key of a measurement"], contentHash: "c" },
        ...{ version: "1", browser: "Firefox", system: "Linux", cores: 8 },
        speeds: {
          create: {
            network: "mlp",
            backend: "wasm",
            software: false,
            threads: 1,
            median: 10,
            least: 9,
            most: 11,
            rounds: 3,
          },
        },
      },
    });
    // A board that changed since it was ranked.
    const board = await db.boardRow.findFirstOrThrow({ where: { division: "closed" }, select: { benchmarkId: true } });
    await db.boardRevision.create({ data: { ...board, division: "closed", revision: 7 } });
    await db.boardRanking.create({
      data: { ...board, division: "closed", methods: 20, runs: 10, seeds: ["1", "2"], critical: 3.1, revision: 6 },
    });
    manifest = await dump(db, folder);
  });

  it("names every table and column of the schema as published or withheld", async () => {
    const tables = await withSnapshot(open(), async (source) => source.tables);
    expect(undecided(tables)).toEqual([]);
    const withMore = tables.map((table) =>
      table.name === "user" ? { ...table, columns: { ...table.columns, phone: "text" } } : table,
    );
    expect(undecided(withMore)).toEqual(["user.phone"]);
    expect(undecided([...tables, { name: "letter", columns: { id: "uuid" } }])).toEqual(["letter.id"]);
    expect(undecided(tables.filter(({ name }) => name !== "notice"))).toEqual(["notice"]);
  });

  it("is refused where a column is not decided on", async () => {
    const { db } = installation();
    await db.$executeRaw`ALTER TABLE measurement ADD COLUMN phone text`;
    try {
      await expect(dump(db, newFolder())).rejects.toThrow("publishes or withholds: measurement.phone");
    } finally {
      await db.$executeRaw`ALTER TABLE measurement DROP COLUMN phone`;
    }
  });

  it("lists its files with their sizes, rows and SHA-256", async () => {
    expect(readdirSync(folder).sort()).toEqual(
      ["manifest.json", ...manifest.tables.map(({ name }) => `${name}.parquet`)].sort(),
    );
    expect(manifestOf(folder)).toEqual(manifest);
    expect(manifest.createdAt).toMatch(/^20\d\d-/);
    for (const { name, rows, bytes, sha256: hash } of manifest.tables) {
      const file = readFileSync(join(folder, `${name}.parquet`));
      expect({ bytes: file.length, hash: sha256(file) }).toEqual({ bytes, hash });
      expect(await readTable(folder, name)).toHaveLength(rows);
    }
    expect(manifest.log.entries).toBe(await installation().db.logEntry.count());
  });

  it("is never written over another", async () => {
    await expect(dump(installation().db, folder)).rejects.toThrow("a dump is never written over another");
    expect(existsSync(`${folder}.partial`)).toBe(false);
  });

  it("has no secret in its bytes, nor anything that is hidden", async () => {
    const contents = await contentsOf(folder);
    // What is public is found, so that what is not found is not there.
    for (const published of ["ada", runId, heldOut.id, heldOut.commitment, "generated-open-1", "Firefox"])
      expect.soft(contents, published).toContain(published);
    for (const [what, secret] of Object.entries(secrets)) expect.soft(contents.includes(secret), what).toBe(false);
    expect.soft(contents.includes(ticketId), "id of a reported ticket").toBe(false);
    expect.soft(contents.includes("published-nothing"), "account that published nothing").toBe(false);
    const runs = await readTable(folder, "run");
    expect(runs.map(({ id }) => id)).not.toContain(hiddenRunId);
    const scores = await readTable(folder, "run_score");
    expect(scores.length).toBeGreaterThan(0);
    expect(scores.map(({ run_id }) => run_id)).not.toContain(hiddenRunId);
  });

  it("tells of a held-out run what the site shows: number, commitment, figures", async () => {
    const [row] = (await readTable(folder, "trajectory")).filter(({ id }) => id === heldOut.id);
    expect(row).toMatchObject({
      number: 1,
      visibility: "held_out",
      commitment: heldOut.commitment,
      artifact_bytes: 9n,
    });
    expect(row).toMatchObject({ seed: null, artifact_hash: null, commitment_key: null, software: null });
    const [score] = (await readTable(folder, "score")).filter(({ trajectory_id }) => trajectory_id === heldOut.id);
    expect(score).toMatchObject({ held_out: true, accuracy: 0.1 + 0.2, correct: null, confusion_matrix: null });
  });

  it.each(emptyDatabases)("gives an empty site on $name the same boards, runs and log", async ({ open: openEmpty }) => {
    const { opened, close } = await openEmpty();
    try {
      await importDump(folder, () => current(opened));
      const expected = await exportsOf(installation().db);
      expect(Object.keys(expected).filter((name) => !name.endsWith(": 0"))).toEqual([
        expect.stringMatching(/^digits-mlp 1 open together: \d+/),
        expect.stringMatching(/^digits-mlp 1 open each: \d+/),
        "mnist-mlp 1 open together: 20",
        "mnist-mlp 1 closed together: 20",
      ]);
      expect(await exportsOf(opened.client)).toEqual(expected);
      expect(await readRun(runId, opened.client)).toEqual({
        ...(await readRun(runId, installation().db))!,
        auditWaits: false, // the queue is the first site's
      });
      const again = newFolder();
      const second = await dump(opened.client, again);
      expect(second.log).toEqual(manifest.log);
      const differing = manifest.tables.filter(
        ({ name, sha256: hash }) => second.tables.find((table) => table.name === name)!.sha256 !== hash,
      );
      // Held-out runs can't be imported, nor their scores, nor what would rank their boards again.
      expect.soft(differing.map(({ name }) => name)).toEqual(["board_revision", "score", "trajectory"]);
      await refreshStaleBoards(opened.client); // as each start does
      expect(await exportsOf(opened.client)).toEqual(expected);
      // It goes on from the last entry.
      const last = await opened.client.logEntry.findFirstOrThrow({ orderBy: { id: "desc" } });
      const next = await opened.client.logEntry.create({
        data: { action: "a", subject: "s", subjectId: "i", detail: {} },
      });
      expect(next.id).toBe(last.id + 1n);
      await expect(importDump(folder, () => current(opened))).rejects.toThrow("is not empty");
    } finally {
      await close();
    }
  });

  it("is refused with one byte changed in any file, and nothing is stored", async () => {
    const { opened, close } = await emptyDatabases.at(-1)!.open();
    try {
      for (const { name } of manifest.tables) {
        const changed = newFolder();
        cpSync(folder, changed, { recursive: true });
        const file = join(changed, `${name}.parquet`);
        const bytes = readFileSync(file);
        bytes[Math.floor(bytes.length / 2)]! ^= 1;
        writeFileSync(file, bytes);
        await expect
          .soft(
            importDump(changed, () => current(opened)),
            name,
          )
          .rejects.toThrow(`${name}.parquet: expected`);
        rmSync(file);
        await expect
          .soft(
            importDump(changed, () => current(opened)),
            name,
          )
          .rejects.toThrow(`${name}.parquet: expected`);
      }
      const changes: [change: (manifest: string) => string, words: RegExp][] = [
        [(text) => text.slice(1), /manifest\.json is no JSON/],
        [(text) => text.replace(manifest.log.root, "0".repeat(64)), /The log: expected .* Merkle root 0000/],
        [(text) => text.replace(manifest.migration, "20200101000000_earlier"), /Import it with that version/],
        [(text) => text.replace('"version": 1', '"version": 2'), /expected a dump of version 1 or earlier, found 2/],
        [(text) => text.replace('"name": "run"', '"name": "../run"'), /"tables\.\d+\.name" is not as a dump's/],
        [(text) => text.replace('"name": "run"', '"name": "run_score"'), /run_score\.parquet: expected/],
      ];
      for (const [change, words] of changes) {
        const changed = newFolder();
        cpSync(folder, changed, { recursive: true });
        const file = join(changed, "manifest.json");
        writeFileSync(file, change(readFileSync(file, "utf8")));
        await expect.soft(importDump(changed, () => current(opened))).rejects.toThrow(words);
      }
      await expect(importDump(newFolder(), () => current(opened))).rejects.toThrow(
        "is no dump: manifest.json can't be read",
      );
      // The empty database takes the dump as it was.
      await importDump(folder, () => current(opened));
    } finally {
      await close();
    }
  });

  it("keeps every value: what PostgreSQL writes is what an import writes", async () => {
    const { db } = installation();
    const numbers = [
      0,
      -0,
      1e-4,
      9.9e-5,
      1e15,
      123456789012345680,
      1e21,
      5e-324,
      1.7976931348623157e308,
      NaN,
      -Infinity,
    ];
    const samples = [...numbers, ...fc.sample(fc.double(), 500)];
    const stored = await db.$queryRawUnsafe<{ text: string }[]>(
      "SELECT value::float8::text AS text FROM unnest($1::text[]) WITH ORDINALITY AS given (value, i) ORDER BY i",
      samples.map((sample) => postgresText("double precision", sample)),
    );
    expect(stored.map(({ text }) => parquetValue("double precision", text))).toEqual(samples);
    const lists = [[], [""], ["a", 'b"c', "d\\e", "f,g", "{h}", "NULL", "two words", "名前"]];
    for (const list of lists) {
      const [{ text, json }] = await db.$queryRaw<[{ text: string; json: string }]>`
        SELECT ${list}::text[]::text AS text, to_json(${list}::text[])::text AS json`;
      expect(postgresText("text[]", parquetValue("text[]", json))).toBe(text);
    }
    for (const text of ["2026-11-28 14:05:30+00", "2026-11-28 14:05:30.12+00", "1969-12-31 23:59:59.999+00"])
      expect(postgresText("timestamp(3) with time zone", parquetValue("timestamp(3) with time zone", text))).toBe(text);
  });
});
