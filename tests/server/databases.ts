/** The databases that the server's tests run on: PGlite, and PostgreSQL if it is installed. */
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import { folderStore } from "@/lib/server/artifacts";
import type { OpenDatabase } from "@/lib/server/database/client";
import { openDatabase } from "@/lib/server/database/client";
import { DatabaseInUse, lockDatabase } from "@/lib/server/database/lock";
import { migrate } from "@/lib/server/database/migrate";
import { seed } from "@/lib/server/database/seed";
import { testData } from "@/lib/server/datasets";
import type { PublishingParts } from "@/lib/server/runs/publish";
import { templatesFolder } from "../support/database-templates";
import { findPostgres, startPostgres } from "../support/postgres";

/** A migrated and seeded database, an artifact store, and the real data sets. */
export interface Installation extends PublishingParts {
  folder: string;
}

async function install(opened: OpenDatabase): Promise<void> {
  await migrate(opened);
  await seed(opened.client);
  await opened.close();
}

/** What tests copy: to make one takes seconds of computing, to copy one a tenth of that. */
const templates = {
  /** An embedded database without a table. */
  empty: async (folder: string) => {
    const { client, close } = openDatabase({ folder });
    await client.$queryRaw`SELECT 1`;
    await close();
  },
  /** An embedded database as a first start leaves it. */
  installed: (folder: string) => install(openDatabase({ folder })),
  /** The data of a PostgreSQL server with such a database. */
  server: async (folder: string) => {
    const server = await startPostgres();
    await install(openDatabase({ url: server.url }));
    server.stopInto(folder);
  },
};

/** The folder of a template, which the first test of a run to ask for it makes. */
async function template(name: keyof typeof templates): Promise<string> {
  const folder = join(templatesFolder(), name);
  const ready = `${folder}.ready`;
  while (!existsSync(ready)) {
    try {
      const unlock = lockDatabase(ready);
      await templates[name](folder);
      writeFileSync(ready, "");
      unlock();
    } catch (error) {
      if (!(error instanceof DatabaseInUse)) throw error; // another test is making it
      await sleep(100);
    }
  }
  return folder;
}

/** Makes an embedded database in `folder`. */
export async function copyDatabase(name: "empty" | "installed", folder: string): Promise<void> {
  cpSync(await template(name), folder, { recursive: true });
}

/** Ways to open a database without a table; `close` removes it. */
export const emptyDatabases: {
  name: string;
  open: () => Promise<{ opened: OpenDatabase; close: () => Promise<void> }>;
}[] = [
  {
    name: "PGlite",
    open: async () => {
      const opened = openDatabase({ folder: "memory://" });
      return { opened, close: opened.close };
    },
  },
  ...(findPostgres() || process.env.CI === "true"
    ? [
        {
          name: "PostgreSQL",
          open: async () => {
            const { url, stop } = await startPostgres();
            const opened = openDatabase({ url });
            return { opened, close: () => opened.close().finally(stop) };
          },
        },
      ]
    : []),
];

/** Runs tests on the embedded database alone; call `installation()` only inside tests and hooks. */
export const onEmbeddedDatabase = (what: string, tests: (installation: () => Installation) => void): void =>
  onDatabase(
    `${what} on PGlite`,
    async (folder) => {
      await copyDatabase("installed", join(folder, "db"));
      return { opened: openDatabase({ folder: join(folder, "db") }), stop: () => {} };
    },
    tests,
  );

/** Runs the same tests on each database; call `installation()` only inside tests and hooks. */
export function onEachDatabase(what: string, tests: (installation: () => Installation) => void): void {
  onEmbeddedDatabase(what, tests);
  if (findPostgres()) {
    onDatabase(
      `${what} on PostgreSQL`,
      async () => {
        const { url, stop } = await startPostgres({ copyOf: await template("server") });
        return { opened: openDatabase({ url }), stop };
      },
      tests,
    );
  } else if (process.env.CI === "true") {
    it(`${what} on PostgreSQL`, () => {
      throw new Error("PostgreSQL is not installed: apt-get install postgresql");
    });
  } else {
    describe.skip(`${what} on PostgreSQL: not installed; apt-get install postgresql`, () =>
      tests(() => undefined as never));
  }
}

type Start = (folder: string) => Promise<{ opened: OpenDatabase; stop: () => void }>;

function onDatabase(what: string, start: Start, tests: (installation: () => Installation) => void): void {
  describe(what, () => {
    let installation: Installation;
    let started: Awaited<ReturnType<Start>> | undefined;
    const folder = mkdtempSync(join(tmpdir(), "dmbench-server-"));
    beforeAll(async () => {
      started = await start(folder);
      installation = {
        folder,
        db: started.opened.client,
        store: folderStore(join(folder, "artifacts")),
        testData,
        boardWaitMs: 60_000,
      };
    });
    afterAll(async () => {
      await started?.opened.close();
      started?.stop();
      rmSync(folder, { recursive: true });
    });
    tests(() => installation);
  });
}
