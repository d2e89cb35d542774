/** `dmbench backup`, `restore`, `dump`, `import`, `move` and `reset-password`, as whoever runs a site types them. */
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { DatabaseLocation } from "@/lib/server/database/client";
import { openDatabase } from "@/lib/server/database/client";
import { signInWithPassword, signUp } from "@/lib/server/people/accounts";
import { startSession, userOfSession } from "@/lib/server/people/sessions";
import { copyDatabase } from "../server/databases";
import { dmbench, scratch } from "./command";

const password = "correct horse battery";

async function using<Result>(folder: string, use: (db: ReturnType<typeof openDatabase>) => Promise<Result>) {
  const location: DatabaseLocation = { folder: join(folder, "db") };
  const opened = openDatabase(location);
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}

it("backs up a site, restores it elsewhere, and resets a password there", { timeout: 600_000 }, async () => {
  const [site, other, backups] = [scratch(), scratch(), scratch()];
  const env = { DMBENCH_DATA_DIR: site, DATABASE_URL: "" };
  const elsewhere = { ...env, DMBENCH_DATA_DIR: other };
  const folder = join(backups, "monday");
  writeFileSync(join(site, "session-secret"), "a secret", { mode: 0o600 });

  await copyDatabase("installed", join(site, "db"));
  const session = await using(site, async (opened) => {
    const signedUp = await signUp({ name: "ada", password }, opened.client);
    if ("refusal" in signedUp) throw new Error(signedUp.refusal.remedy);
    const id = await startSession(signedUp.user, opened.client);
    // While the site has the embedded database open:
    const refused = await dmbench(["backup", folder], { env });
    expect(refused).toMatchObject({ code: 1, out: "", err: expect.stringContaining("stop the site to back up") });
    expect(readdirSync(backups)).toEqual([]);
    return id;
  });

  const backup = await dmbench(["backup", folder], { env });
  expect(backup, backup.err).toMatchObject({ code: 0, err: "" });
  expect(backup.out).toMatch(/^Backed up \d+ rows of \d+ tables and 1 file \(0\.0 MB\) to .*monday\.\n$/);
  const again = await dmbench(["backup", folder], { env });
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining("is not empty. Name a new folder") });

  const restored = await dmbench(["restore", folder], { env: elsewhere });
  expect(restored, restored.err).toMatchObject({ code: 0, err: "" });
  expect(await using(other, ({ client }) => userOfSession(session, client))).toMatchObject({ name: "ada" });

  const reset = await dmbench(["reset-password", "ada", "--random"], { env: elsewhere });
  expect(reset, reset.err).toMatchObject({ code: 0, err: "" });
  const [, made] = /^ada has the new password, and all its sessions have ended\.\nPassword: (\S{20})\n$/.exec(
    reset.out,
  )!;
  await using(other, async ({ client }) => {
    expect(await userOfSession(session, client)).toBeNull();
    expect(await signInWithPassword({ name: "ada", password }, client)).toBeNull();
    expect(await signInWithPassword({ name: "ada", password: made! }, client)).toMatchObject({ name: "ada" });
  });
});

it("dumps what a site publishes, and fills another with it", { timeout: 600_000 }, async () => {
  const [site, other, dumps] = [scratch(), scratch(), scratch()];
  const env = { DMBENCH_DATA_DIR: site, DATABASE_URL: "" };
  const folder = join(dumps, "monday");
  await copyDatabase("installed", join(site, "db"));

  const dump = await dmbench(["dump", folder], { env });
  expect(dump, dump.err).toMatchObject({ code: 0, err: "" });
  expect(dump.out).toMatch(
    /^Dumped \d+ rows of 17 tables and 17 files \(0\.\d MB\) to .*monday\. Merkle root of the log: [0-9a-f]{64}\.\n$/,
  );
  const again = await dmbench(["dump", folder], { env });
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining("a dump is never written over another") });

  const imported = await dmbench(["import", folder], { env: { ...env, DMBENCH_DATA_DIR: other } });
  expect(imported, imported.err).toMatchObject({ code: 0, err: "" });
  expect(imported.out).toMatch(/^Imported \d+ rows of 17 tables of 20\d\d-.*DMBENCH_SCORING=none npm start/);
  const slugs = (folder: string) =>
    using(folder, ({ client }) => client.policy.findMany({ orderBy: { id: "asc" }, select: { id: true, slug: true } }));
  expect(await slugs(other)).toEqual(await slugs(site));

  // From another machine, over what is there.
  const server = createServer(({ url = "" }, response) => response.end(readFileSync(join(dumps, url))));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/monday/`;
  try {
    const elsewhere = { env: { ...env, DMBENCH_DATA_DIR: other } };
    const refused = await dmbench(["import", address], elsewhere);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("or --replace to remove them all") });
    const replaced = await dmbench(["import", address, "--replace"], elsewhere);
    expect(replaced, replaced.err).toMatchObject({ code: 0, err: "", out: imported.out });
    expect(await slugs(other)).toEqual(await slugs(site));
  } finally {
    server.close();
  }
});

it("says in words what can't be done, and does nothing", { timeout: 300_000 }, async () => {
  const empty = scratch();
  const env = { DMBENCH_DATA_DIR: empty, DATABASE_URL: "" };
  const away = { ...env, DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none" };
  const cases: [argv: string[], env: Record<string, string>, code: number, words: RegExp][] = [
    [["backup", join(empty, "b")], env, 1, /There is no database in .*DMBENCH_DATA_DIR/],
    [["backup", join(empty, "b")], away, 1, /The database can't be used: .*Check DATABASE_URL/],
    [["restore", join(empty, "none")], env, 1, /is no backup: backup.json can't be read/],
    [["dump", join(empty, "d")], env, 1, /There is no database in .*DMBENCH_DATA_DIR/],
    [["import", join(empty, "none")], env, 1, /is no dump: manifest.json can't be read/],
    [["import", "http://127.0.0.1:65535"], env, 1, /api\/v1\/dumps can't be fetched \(ECONNREFUSED\)\. Nothing was/],
    [["move", "mysql://server"], env, 2, /expected postgresql:\/\/user:password@host:port\/database/],
    [["move"], env, 2, /expected postgresql:\/\/user:password@host:port\/database .*standard input, DMBENCH_MOVE_TO/],
    [["move", "postgresql://a@b/c"], away, 1, /^error: .*this site is on PostgreSQL already/],
    [["move"], { ...away, DMBENCH_MOVE_TO: "postgresql://a:b@c/d" }, 1, /^error: .*this site is on PostgreSQL already/],
    [
      ["move", "postgresql://a:b@c/d"],
      away,
      1,
      /^warning: everyone on this machine can read a password in an argument/,
    ],
    [["reset-password", "ada", "--random"], env, 1, /There is no database in/],
  ];
  for (const [argv, settings, code, words] of cases) {
    const { err, ...rest } = await dmbench(argv, { env: settings });
    expect.soft(rest, argv.join(" ")).toEqual({ code, out: "" });
    expect.soft(err).toMatch(words);
    expect.soft(err).not.toContain("    at "); // a stack
  }
  expect(existsSync(join(empty, "db"))).toBe(false);
});
