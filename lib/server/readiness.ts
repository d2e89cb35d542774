/**
 * Whether this process can do all that the site does: for load balancers, supervisors and whoever starts it. What is
 * wrong is said without paths, addresses or secrets, since anyone may ask; the log has the error itself.
 */
import "server-only";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { ArtifactStore } from "./artifacts";
import { artifacts, siteBucket } from "./artifacts";
import type { Database } from "./database/client";
import { database } from "./database/client";
import { migrationGap } from "./database/migrations";
import { dataPath } from "./env";
import { isStopping } from "./http-server";
import { processProgram } from "./programs";

/** What the site needs, besides its process. */
export type Need = "process" | "database" | "migrations" | "artifacts" | "scoring";

/** A need that isn't met. */
export interface Unmet {
  need: Need;
  expected: string;
  found: string;
  remedy: string;
}

export interface Parts {
  db: Database;
  store: ArtifactStore;
  /** The folder in which the store writes; null if it is a bucket. */
  folder: string | null;
  /** The file that scoring processes run. */
  program: string;
  stopping(): boolean;
}

/** A part that takes longer is as good as away. A busy machine needs seconds to open an embedded database. */
const patienceMs = 15_000;

type Check = (parts: Parts) => Promise<Omit<Unmet, "need"> | null>;

const checks: Record<Need, Check> = {
  process: async ({ stopping }) =>
    stopping()
      ? {
          expected: "a process that goes on",
          found: "one that was told to stop",
          remedy: "It finishes what it has. Send requests to another, or wait for the next start.",
        }
      : null,
  database: async ({ db }) => {
    try {
      await inTime(db.$queryRaw`SELECT 1`);
      return null;
    } catch (error) {
      logOnce("database", error);
      return {
        expected: `an answer within ${patienceMs / 1000} s`,
        found: "none",
        remedy: "Start the database, or correct DATABASE_URL; the site's log has its error.",
      };
    }
  },
  migrations: async ({ db }) => {
    const { pending } = await inTime(migrationGap(db)).catch((error: unknown) => {
      logOnce("migrations", error); // where the database is away, `database` says so
      return { pending: [] };
    });
    return pending.length === 0
      ? null
      : {
          expected: "the tables of this version",
          found: `a database that lacks ${pending.join(", ")}`,
          remedy: "Run npm run release of this version.",
        };
  },
  artifacts: async ({ store, folder }) => {
    try {
      await inTime(store.get({ key: "no-such-file", hash: "" }));
      if (folder !== null) await inTime(writeProbe(folder));
      return null;
    } catch (error) {
      logOnce("artifacts", error);
      return {
        expected: "a store of files that can be read and written",
        found: "one that can't",
        remedy: "Look at the disk of DMBENCH_DATA_DIR, or at the bucket and its keys; the site's log has the error.",
      };
    }
  },
  scoring: async ({ program }) =>
    existsSync(program)
      ? null
      : {
          expected: "the program that scores policies",
          found: "an installation without it",
          remedy: "Install the whole of this version, or build it again.",
        },
};

/** What this process lacks; empty if it is ready. */
export const unmetNeeds = async (parts: Parts): Promise<Unmet[]> =>
  (
    await Promise.all(
      Object.entries(checks).map(async ([need, check]) => {
        const unmet = await check(parts);
        return unmet && { need: need as Need, ...unmet };
      }),
    )
  ).filter((unmet) => unmet !== null);

/** The last answer counts for a second, however many ask. */
const recent = new LRUCache<"now", Unmet[]>({
  max: 1,
  ttl: 1000,
  fetchMethod: () =>
    unmetNeeds({
      db: database(),
      store: artifacts(),
      folder: siteBucket() ? null : dataPath("artifacts"),
      program: processProgram,
      stopping: isStopping,
    }),
});

/** What this process lacks, as of the last second; that it was told to stop, at once. */
export function readiness(): Promise<Unmet[]> {
  if (isStopping()) recent.clear();
  return recent.forceFetch("now");
}

/** @throws Error if it takes too long */
const inTime = <Value>(result: Promise<Value>): Promise<Value> =>
  Promise.race([
    result,
    sleep(patienceMs, null, { ref: false }).then(() => {
      throw new Error(`no answer within ${patienceMs / 1000} s`);
    }),
  ]);

/** Writes a file beside the artifacts, whose keys never begin with a dot, and removes it. */
async function writeProbe(folder: string): Promise<void> {
  const probe = path.join(/* turbopackIgnore: true */ folder, `.probe-${process.pid}`);
  await mkdir(folder, { recursive: true });
  await writeFile(probe, new Uint8Array(1 << 12));
  await rm(probe, { force: true });
}

const logged = new Map<Need, string>();

/** Logs the error of a part, unless it is the one that was logged last: somebody asks each second. */
function logOnce(need: Need, error: unknown): void {
  const { message } = error as Error;
  if (logged.get(need) === message) return;
  logged.set(need, message);
  console.error(`Readiness, ${need}:`, error);
}
