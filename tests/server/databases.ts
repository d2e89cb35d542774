/** The databases that the server's tests run on: PGlite, and PostgreSQL if it is installed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { folderStore } from "@/lib/server/artifacts";
import type { OpenDatabase } from "@/lib/server/database/client";
import { openDatabase } from "@/lib/server/database/client";
import { migrate } from "@/lib/server/database/migrate";
import { seed } from "@/lib/server/database/seed";
import { testData } from "@/lib/server/datasets";
import type { PublishingParts } from "@/lib/server/runs/publish";
import { findPostgres, startPostgres } from "../support/postgres";

/** A migrated and seeded database, an artifact store, and the real data sets. */
export interface Installation extends PublishingParts {
  folder: string;
}

/** Runs the same tests on each database; call `installation()` only inside tests and hooks. */
export function onEachDatabase(what: string, tests: (installation: () => Installation) => void): void {
  onDatabase(`${what} on PGlite`, () => ({ location: { folder: "memory://" }, stop: () => {} }), tests);
  if (findPostgres()) {
    onDatabase(
      `${what} on PostgreSQL`,
      async () => {
        const server = await startPostgres();
        return { location: { url: server.url }, stop: () => server.stop() };
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

type Start = () => Promise<Started> | Started;
interface Started {
  location: Parameters<typeof openDatabase>[0];
  stop: () => void;
}

function onDatabase(what: string, start: Start, tests: (installation: () => Installation) => void): void {
  describe(what, () => {
    let installation: Installation;
    let opened: OpenDatabase | undefined;
    let stop = (): void => {};
    const folder = mkdtempSync(join(tmpdir(), "dmbench-server-"));
    beforeAll(async () => {
      const started = await start();
      stop = started.stop;
      opened = openDatabase(started.location);
      await migrate(opened);
      await seed(opened.client);
      installation = {
        folder,
        db: opened.client,
        store: folderStore(join(folder, "artifacts")),
        testData,
        boardWaitMs: 60_000,
      };
    });
    afterAll(async () => {
      await opened?.close();
      stop();
      rmSync(folder, { recursive: true });
    });
    tests(() => installation);
  });
}
