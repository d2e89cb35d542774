/** `npm run release`: on an empty database, twice at once, and where another version has been. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { benchmarks } from "@/lib/leaderboard";
import type { OpenDatabase } from "@/lib/server/database/client";
import { openDatabase } from "@/lib/server/database/client";
import { appliedMigrations, knownMigrations } from "@/lib/server/database/migrations";
import { prepareDatabase, UpgradedByLaterVersion } from "@/lib/server/prepare-database";
import type { PrismaClient } from "@/prisma/generated/client";
import type { PostgresServer } from "../../support/postgres";
import { findPostgres, startPostgres } from "../../support/postgres";
import type { S3Server } from "../../support/s3";
import { startS3 } from "../../support/s3";
import { onEachDatabase } from "../databases";

interface Ended {
  code: number | null;
  said: string;
}

/** Runs what `npm run release` runs. */
function release(settings: Record<string, string>): Promise<Ended> {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=react-server", "lib/server/release.ts"], {
    env: { ...env, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, said: said.trim() })));
}

/** Makes a database look as if another version had been there. */
const addMigration = (db: PrismaClient, name: string) => db.$executeRaw`
  INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
  VALUES (${crypto.randomUUID()}, '', ${name}, now(), now(), 1)`;

const later = "99991231235959_of_a_later_version";

it("asks for DATABASE_URL, and leaves the embedded database alone", async () => {
  const { code, said } = await release({});
  expect(code).toBe(1);
  expect(said).toMatch(/^DATABASE_URL: expected postgresql:.*found nothing.*npm start.*$/);
});

describe.skipIf(!findPostgres() && process.env.CI !== "true")("a release", () => {
  let server: PostgresServer;
  let opened: OpenDatabase;
  let bucket: S3Server;
  beforeAll(async () => {
    server = await startPostgres();
    opened = openDatabase({ url: server.url });
    bucket = await startS3();
  });
  afterAll(async () => {
    await opened.close();
    server.stop();
    await bucket.stop();
  });

  it("is made once by two at a time, and exits with 1 where a later version was", async () => {
    const settings = {
      DATABASE_URL: server.url,
      DMBENCH_MAINTAINERS: "ada",
      DMBENCH_BUCKET: bucket.url,
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "eu-test-1",
    };
    const both = await Promise.all([release(settings), release(settings)]);
    for (const { code, said } of both)
      expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(/is up to date/) });
    const applied = both.flatMap(({ said }) => said.match(/(?<=Database: applied )\S+/g) ?? []);
    expect(applied).toEqual(knownMigrations());
    expect(await appliedMigrations(opened.client)).toEqual(knownMigrations());
    expect(await opened.client.benchmark.count()).toBe(benchmarks.length);
    expect(await opened.client.maintainerCode.count()).toBe(1);
    // What ships with the site is imported, once.
    expect(
      await opened.client.trajectory.count({ where: { visibility: "public", benchmark: { slug: "digits-mlp" } } }),
    ).toBe(10);
    expect(await opened.client.benchmark.count({ where: { resultsHash: { not: null } } })).toBe(
      readFileSync("public/results/SHA256SUMS", "utf8").trim().split("\n").length,
    );

    await addMigration(opened.client, later);
    const { code, said } = await release(settings);
    expect(code).toBe(1);
    expect(said.split("\n"), said).toHaveLength(1);
    expect(said).toContain(later);
  }, 600_000); // three processes, on a machine that may be busy
});

onEachDatabase("where another version was, a release", (installation) => {
  const attempt = (): Promise<void> => {
    const { db } = installation();
    const embedded = true; // no other process is there to wait for
    return prepareDatabase({ client: db, embedded } as OpenDatabase, () => {});
  };
  const title = "The other version's title";
  const titled = () => installation().db.benchmark.count({ where: { title } });
  beforeAll(async () => {
    await addMigration(installation().db, later);
    await installation().db.benchmark.updateMany({ data: { title } });
  });

  it("changes nothing if that was a later one, which this one may serve", async () => {
    await expect(attempt()).rejects.toThrow(UpgradedByLaterVersion);
    await expect(attempt()).rejects.toThrow(
      /99991231235959_of_a_later_version.*changes nothing.*can serve it.*npm start/,
    );
    expect(await titled()).toBe(benchmarks.length);
  });

  it("changes nothing if that was one of another line of development, which this one may not serve", async () => {
    const last = knownMigrations().at(-1)!;
    await installation().db.$executeRaw`DELETE FROM _prisma_migrations WHERE migration_name = ${last}`;
    await expect(attempt()).rejects.not.toThrow(UpgradedByLaterVersion);
    await expect(attempt()).rejects.toThrow(new RegExp(`${later}.*lacks.*${last}.*Nothing was changed`));
    expect(await titled()).toBe(benchmarks.length);
  });
});
