import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { builtInPolicies, policyHash } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import { listBenchmarks } from "@/lib/server/boards/benchmarks";
import { openDatabase } from "@/lib/server/database/client";
import { DatabaseInUse, lockDatabase } from "@/lib/server/database/lock";
import { migrate, pendingChange } from "@/lib/server/database/migrate";
import { seed } from "@/lib/server/database/seed";
import { bucketSettings, parseEnv } from "@/lib/server/env";
import { listPolicies } from "@/lib/server/policies/read";
import { onEachDatabase } from "../databases";

const folder = mkdtempSync(join(tmpdir(), "dmbench-database-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("has a migration for everything in the schema", async () => {
  expect(await pendingChange()).toBe("");
});

it("preserves data when the embedded database is closed and reopened", async () => {
  const location = { folder: join(folder, "db") };
  const first = openDatabase(location);
  expect(await migrate(first)).toEqual(readdirSync("prisma/migrations").filter((name) => /^\d{14}_/.test(name)));
  const { id } = await first.client.user.create({ data: { name: "ada" } });
  await first.close();
  const second = openDatabase(location);
  expect(await migrate(second)).toEqual([]);
  expect(await second.client.user.findUnique({ where: { id } })).toMatchObject({ name: "ada" });
  await second.close();
});

describe("the lock of an embedded database", () => {
  const database = join(folder, "locked");
  const lock = `${database}.lock`;

  it("names the process that holds it, has one holder and can be released", () => {
    const unlock = lockDatabase(database);
    expect(readFileSync(lock, "utf8").split(" ")[0]).toBe(String(process.pid));
    expect(() => lockDatabase(database)).toThrow(DatabaseInUse);
    unlock();
    expect(existsSync(lock)).toBe(false);
  });

  it("refuses other processes while its owner runs, and is taken over once the owner is killed", async () => {
    const take = `import("./lib/server/database/lock.ts").then(({ lockDatabase }) => {
      lockDatabase(${JSON.stringify(database)});
      console.log("mine");
      setInterval(() => {}, 1000);
    })`;
    const owner = spawn(process.execPath, ["--import", "tsx", "--conditions=react-server", "-e", take], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => owner.stdout.once("data", resolve));
    expect(() => lockDatabase(database)).toThrow(new RegExp(`open in another process \\(${owner.pid}\\)`));
    const gone = new Promise((resolve) => owner.once("exit", resolve));
    owner.kill("SIGKILL");
    await gone;
    expect(existsSync(lock)).toBe(true);
    lockDatabase(database)();
    expect(existsSync(lock)).toBe(false);
  });

  it.runIf(process.platform === "linux")("is taken over if its owner's id now belongs to another process", () => {
    writeFileSync(lock, `${process.ppid} 1`);
    lockDatabase(database)();
    expect(existsSync(lock)).toBe(false);
  });
});

describe("settings", () => {
  it("are all optional", () => {
    expect(parseEnv({ NODE_ENV: "test" })).toEqual({
      DMBENCH_PROXIES: 0,
      DMBENCH_RECORD: ["all"],
      DMBENCH_RECORD_SHARE: 1,
      DMBENCH_AUDIT_SECONDS: 7200,
      DMBENCH_DATA_DIR: ".data",
      OIDC_NAME: "Single sign-on",
    });
  });

  it("reports a wrong setting with what was expected and what was found", () => {
    expect(() => parseEnv({ NODE_ENV: "test", DATABASE_URL: "mysql://x" })).toThrow(
      /DATABASE_URL: expected postgresql:.*found "mysql:\/\/x"/,
    );
  });

  it("reads the share of the processor that recording may use", () => {
    const share = (text: string) => parseEnv({ NODE_ENV: "test", DMBENCH_RECORD_SHARE: text }).DMBENCH_RECORD_SHARE;
    expect(["0.5", ".25", "1", "1.0", "0.05"].map(share)).toEqual([0.5, 0.25, 1, 1, 0.05]);
    for (const wrong of ["0", "0.01", "1.5", "50%", "-0.5", "1e-1", "half"])
      expect(() => share(wrong)).toThrow(
        /DMBENCH_RECORD_SHARE: expected a number from 0.05 to 1, such as 0.5, found "/,
      );
  });

  it("names the benchmarks that may be recorded", () => {
    const chosen = (text: string) => parseEnv({ NODE_ENV: "test", DMBENCH_RECORD: text }).DMBENCH_RECORD;
    expect(chosen("digits-mlp, mnist-mlp")).toEqual(["digits-mlp", "mnist-mlp"]);
    expect(chosen("none")).toEqual(["none"]);
    for (const wrong of ["some", "none,digits-mlp", "digits-mlp,", "All"])
      expect(() => chosen(wrong)).toThrow(/DMBENCH_RECORD: expected all, embedded, none, or .*digits-mlp.* found "/);
  });

  it("takes a bucket's address with a path, and needs its keys", () => {
    const keys = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
    const bucket = (DMBENCH_BUCKET: string) => bucketSettings(parseEnv({ NODE_ENV: "test", DMBENCH_BUCKET, ...keys }));
    expect(bucket("https://s3.example/artifacts")).toEqual({
      url: "https://s3.example/artifacts",
      accessKeyId: "key",
      secretAccessKey: "secret",
    });
    expect(bucket("")).toBeNull();
    for (const wrong of [
      "artifacts",
      "s3://artifacts",
      "https://s3.example",
      "https://s3.example/a?b",
      "https://k:s@x/a",
    ])
      expect(() => bucket(wrong)).toThrow(/DMBENCH_BUCKET: expected an address such as https:.*, found "/);
    const lacking = () => parseEnv({ NODE_ENV: "test", DMBENCH_BUCKET: "https://s3.example/artifacts" });
    expect(lacking).toThrow(/AWS_ACCESS_KEY_ID: expected .*\nAWS_SECRET_ACCESS_KEY: expected/);
    const told = () =>
      parseEnv({ NODE_ENV: "test", ...keys, AWS_SECRET_ACCESS_KEY: "  ", DMBENCH_BUCKET: "https://k:hidden@x/a" });
    expect(told).toThrow(/AWS_SECRET_ACCESS_KEY: expected .*, found 2 characters/);
    expect(told).not.toThrow(/hidden/);
  });

  it("treats an empty setting as absent", () => {
    expect(parseEnv({ NODE_ENV: "test", DATABASE_URL: "", DMBENCH_DATA_DIR: "" }).DMBENCH_DATA_DIR).toBe(".data");
  });
});

onEachDatabase("an installation", (installation) => {
  it("has every benchmark and every built-in policy once, however often it is seeded", async () => {
    const { db } = installation();
    await seed(db);
    const listed = await listBenchmarks(db);
    expect(listed.map(({ slug, recipe, runs, leader }) => ({ slug, recipe, runs, leader }))).toEqual(
      benchmarks.map(({ slug, recipe }) => ({ slug, recipe, runs: 0, leader: null })),
    );
    expect((await listPolicies(db)).map(({ slug, hash, builtIn }) => ({ slug, hash, builtIn }))).toEqual(
      builtInPolicies.map(({ slug, document }) => ({ slug, hash: policyHash(document), builtIn: true })),
    );
  });

  it("refuses another recipe under the name and version of a benchmark that exists", async () => {
    const { db } = installation();
    const { slug, version, recipe } = benchmarks[0]!;
    await db.benchmark.update({
      where: { slug_version: { slug, version } },
      data: { recipe: { ...recipe, epochs: 99 } },
    });
    await expect(seed(db)).rejects.toThrow(/digits-mlp, version 1: epochs was 99 and is now 10; give it a new version/);
    await db.benchmark.update({ where: { slug_version: { slug, version } }, data: { recipe } });
  });
});
