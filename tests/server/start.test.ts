/** `npm start` where something that it needs is away: one sentence that names the setting, exit code 1, no stack. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOrCreateSecret } from "@/lib/server/people/session-secret";
import type { PostgresServer } from "../support/postgres";
import { findPostgres, startPostgres } from "../support/postgres";
import type { S3Server } from "../support/s3";
import { startS3 } from "../support/s3";

const folder = mkdtempSync(join(tmpdir(), "dmbench-start-"));
const closing: (() => void)[] = [() => rmSync(folder, { recursive: true, force: true })];
afterAll(() => {
  for (const close of closing.reverse()) close();
});

interface Ended {
  code: number | null;
  said: string;
}

/** Runs what `npm start` runs until it ends by itself. */
function start(settings: Record<string, string>): Promise<Ended> {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=react-server", "lib/server/start.ts"], {
    env: { ...env, PORT: "0", DMBENCH_DATA_DIR: join(folder, "data"), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, said: said.trim() })));
}

function expectSentence({ code, said }: Ended, ...parts: readonly string[]): void {
  expect(code).toBe(1);
  expect(said.split("\n"), said).toHaveLength(1);
  for (const part of parts) expect(said).toContain(part);
  expect(said).not.toMatch(/^\s+at |:\d+:\d+|node_modules|Prisma|undefined|secret-word/);
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("npm start without its database", () => {
  let server: PostgresServer | undefined;
  let port = 0;
  beforeAll(async () => {
    port = await freePort();
    if (!findPostgres()) return;
    server = await startPostgres({ password: "secret-word" });
    closing.push(() => server!.stop());
  });
  const of = (change: (url: URL) => void): string => {
    const url = new URL(server!.url);
    change(url);
    return url.href;
  };

  const away: [string, () => string, string[]][] = [
    ["nothing listens", () => `postgresql://a:secret-word@127.0.0.1:${port}/x`, ["127.0.0.1:", "Start it"]],
    ["nothing listens on IPv6", () => `postgresql://a:secret-word@[::1]:${port}/x`, ["[::1]:", "Start it"]],
    ["the host is unknown", () => "postgresql://a:secret-word@nobody.invalid/x", ["nobody.invalid:5432"]],
    ["the address can't be read", () => "postgresql://a:secret@word@:::/x", ["postgresql://user:password@host"]],
    ["the port is none", () => "postgresql://a:secret-word@localhost:99999/x", ["postgresql://user:password@host"]],
    ["the protocol is another", () => "mysql://a:secret-word@localhost/x", ["mysql://a", "expected postgresql://"]],
  ];
  const inside: [string, () => string, string[]][] = [
    ["the password is wrong", () => of((url) => (url.password = "secret-words")), ["password of dmbench"]],
    ["the user is unknown", () => of((url) => (url.username = "nobody")), ["nobody"]],
    ["there is no such database", () => of((url) => (url.pathname = "/nowhere")), ["nowhere", "createdb"]],
  ];
  it.each(away)("says so where %s", async (_, url, parts) => {
    const ended = await start({ DATABASE_URL: url(), PORT: String(await freePort()) });
    if (parts[0] === "mysql://a") ended.said = ended.said.split("\n").at(-1)!; // a list of the settings that are wrong
    expectSentence(ended, "DATABASE_URL: ", ...parts);
  });
  it.skipIf(!findPostgres() && process.env.CI !== "true").each(inside)("says so where %s", async (_, url, parts) => {
    expectSentence(await start({ DATABASE_URL: url(), PORT: String(await freePort()) }), "DATABASE_URL: ", ...parts);
  });
});

describe("npm start without its bucket", () => {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await startS3();
    closing.push(() => void s3.stop());
  });
  const startWith = async (settings: Record<string, string>): Promise<Ended> =>
    start({
      DMBENCH_BUCKET: s3.url,
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "eu-test-1",
      PORT: String(await freePort()),
      ...settings,
    });

  it("says so where the secret is wrong", async () => {
    expectSentence(await startWith({ AWS_SECRET_ACCESS_KEY: "secret-word" }), "AWS_SECRET_ACCESS_KEY: ", "key key");
  });

  it("says so where the clock is five minutes off", async () => {
    s3.clockMs = 300_000;
    expectSentence(await startWith({}), "DMBENCH_BUCKET: ", "5 minutes behind");
    s3.clockMs = 0;
  });

  it("says so where nothing listens", async () => {
    const url = `http://127.0.0.1:${await freePort()}/artifacts`;
    expectSentence(await startWith({ DMBENCH_BUCKET: url }), "DMBENCH_BUCKET: ", "can't be reached (ECONNREFUSED)");
  });

  it("says all at once what is missing and wrong", async () => {
    const { code, said } = await startWith({
      DMBENCH_BUCKET: "http://key:secret-word@store.example/",
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
      DMBENCH_PROXIES: "many",
    });
    expect(code).toBe(1);
    expect(said.split("\n")).toEqual([
      "These settings are wrong:",
      'DMBENCH_BUCKET: expected an address such as https://s3.eu-central-1.amazonaws.com/bucket, without keys, found "http://key:…@store.example/"',
      expect.stringMatching(/^DMBENCH_PROXIES: expected .*, found "many"$/),
      "AWS_ACCESS_KEY_ID: expected a key of the bucket, since DMBENCH_BUCKET is set, found none",
      "AWS_SECRET_ACCESS_KEY: expected a key of the bucket, since DMBENCH_BUCKET is set, found none",
    ]);
  });
});

describe("npm start without its disk", () => {
  /** Only root may mount; elsewhere permissions do the same for a read-only folder. */
  const isRoot = process.getuid?.() === 0;
  const mounted = (name: string, options: string): string | null => {
    const place = join(folder, name);
    mkdirSync(place);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", place]).status !== 0) return null;
    closing.push(() => spawnSync("umount", [place]));
    return place;
  };
  const sayWhere = async (data: string, ...parts: string[]): Promise<void> =>
    expectSentence(
      await start({ DMBENCH_DATA_DIR: data, PORT: String(await freePort()) }),
      "DMBENCH_DATA_DIR: ",
      ...parts,
    );

  it("says so where a file is in the folder's place", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    await sayWhere(file, file, "found a file");
    await sayWhere(join(file, "below"), "found a file");
  });

  it.each(["db", "artifacts"])("says so where a file is in the place of %s", async (name) => {
    const data = join(folder, `with-file-${name}`);
    mkdirSync(data);
    writeFileSync(join(data, name), "");
    await sayWhere(data, join(data, name), "found a file");
    expect(readdirSync(data)).toEqual([name]); // nothing was written
  });

  it("says so where the folder can't be written", async ({ skip }) => {
    const data = isRoot ? mounted("read-only", "ro,size=1m") : join(folder, "read-only");
    if (!data) return skip("mounting is not allowed here");
    if (!isRoot) {
      mkdirSync(data);
      chmodSync(data, 0o500);
    }
    await sayWhere(data, "can't be read and written", "E");
    await sayWhere(join(data, "below"), "can't be read and written");
  });

  it("says so where the disk is full", async ({ skip }) => {
    const data = mounted("full", "size=1m");
    if (!data) return skip("mounting is not allowed here");
    await sayWhere(data, "is full");
    mkdirSync(join(data, "db")); // a later start
    writeFileSync(join(data, "rest"), new Uint8Array((1 << 20) - 3 * 4096));
    await sayWhere(data, "is full");
  });
});

describe("npm start with a port that it can't have", () => {
  it("says so", async () => {
    const other = createServer().listen(0);
    closing.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    expectSentence(await start({ PORT: String(port) }), `PORT: ${port} is taken`, `PORT=${port + 1}`);
    for (const PORT of ["http", "0x10"])
      expectSentence(await start({ PORT }), "PORT: expected a number", JSON.stringify(PORT));
  });
});

describe("the secret that signs sessions", () => {
  it("is made whole, whatever an interrupted start has left of it", () => {
    const file = join(folder, "session-secret");
    const secret = readOrCreateSecret(file);
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(readOrCreateSecret(file)).toBe(secret);
    for (let length = 0; length < secret.length; length += 1) {
      writeFileSync(file, secret.slice(0, length));
      const next = readOrCreateSecret(file);
      expect(next).toMatch(/^[\w-]{43}$/);
      expect(readFileSync(file, "utf8")).toBe(next);
    }
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });
});
