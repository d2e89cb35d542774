import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folderStore } from "@/lib/server/artifacts";
import { openDatabase } from "@/lib/server/database/client";
import { knownMigrations } from "@/lib/server/database/migrations";
import { processProgram } from "@/lib/server/programs";
import type { Parts } from "@/lib/server/readiness";
import { unmetNeeds } from "@/lib/server/readiness";
import { emptyDatabases, onEachDatabase } from "./databases";

onEachDatabase("readiness", (installation) => {
  const parts = (changed: Partial<Parts> = {}): Parts => {
    const { db, store, folder } = installation();
    return { db, store, folder: join(folder, "artifacts"), program: processProgram, stopping: () => false, ...changed };
  };
  const unmet = async (changed?: Partial<Parts>) => (await unmetNeeds(parts(changed))).map(({ need }) => need);

  beforeAll(() => installation().db.$queryRaw`SELECT 1`); // opened, as by a site that runs

  it("lacks nothing on a whole installation, and leaves nothing behind", async () => {
    expect(await unmet()).toEqual([]);
    expect(readdirSync(join(installation().folder, "artifacts"))).toEqual([]);
  });

  it("says what is missing, without paths, and is well again when it is there", async () => {
    const file = join(installation().folder, "a-file");
    writeFileSync(file, "");
    const wrong = await unmetNeeds(
      parts({ folder: join(file, "artifacts"), program: join(file, "process.ts"), stopping: () => true }),
    );
    expect(wrong.map(({ need }) => need)).toEqual(["process", "artifacts", "scoring"]);
    for (const issue of wrong) {
      for (const part of [issue.expected, issue.found, issue.remedy]) expect(part.length).toBeGreaterThan(2);
      expect(JSON.stringify(issue)).not.toContain(installation().folder);
    }
    rmSync(file);
    mkdirSync(file);
    expect(await unmet({ folder: join(file, "artifacts") })).toEqual([]);
    expect(await unmet({ folder: file, store: folderStore(file) })).toEqual([]);
  });

  it("names the migrations that the database lacks", async () => {
    const { db } = installation();
    const last = knownMigrations().at(-1)!;
    await db.$executeRaw`UPDATE _prisma_migrations SET migration_name = 'other' WHERE migration_name = ${last}`;
    const [issue, ...others] = await unmetNeeds(parts());
    await db.$executeRaw`UPDATE _prisma_migrations SET migration_name = ${last} WHERE migration_name = 'other'`;
    expect(others).toEqual([]);
    expect(issue).toMatchObject({
      need: "migrations",
      found: expect.stringContaining(last),
      remedy: expect.stringContaining("npm run release"),
    });
    expect(await unmet()).toEqual([]);
  });
});

describe.runIf(emptyDatabases.length > 1)("readiness without its server", () => {
  it("says that the database doesn't answer, and nothing of where it is", async () => {
    const url = "postgresql://ada:secret-word@127.0.0.1:1/nowhere";
    const { client: db, close } = openDatabase({ url });
    const [issue, ...others] = await unmetNeeds({
      db,
      store: folderStore("test-results/none"),
      folder: "test-results/none",
      program: processProgram,
      stopping: () => false,
    });
    await close();
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ need: "database", found: "none" });
    expect(JSON.stringify(issue)).not.toMatch(/secret-word|127\.0\.0\.1|nowhere/);
  });
});
