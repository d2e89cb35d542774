/**
 * Coalesces calls of all processes that share a database, as a `Coalescer` does those of one: runs of the same work happen
 * one at a time, with a pause after each, and one run serves everybody who asked before it began. So ten instances that
 * hear of a change rank a board once or twice, not ten times.
 */
import "server-only";
import { setTimeout } from "node:timers/promises";
import type { PrismaClient } from "@/prisma/generated/client";
import type { Database } from "./database/client";

/** How often a caller looks whether the run in progress has ended. */
const pollMs = 250;

export interface SharedWorkOptions {
  /** Milliseconds to pause after a run that took `workMs`, before anybody begins the next one. */
  pauseAfter(workMs: number): number;
  /** How long one run may take. */
  limitMs: number;
}

/**
 * Resolves once a run that began after this call has ended, in this process or another. Nobody waits on a lock meanwhile,
 * which would take a connection each.
 * @param work runs in a transaction, which its result is part of
 */
export async function shareWork(
  db: PrismaClient,
  name: string,
  work: (tx: Database) => Promise<void>,
  { pauseAfter, limitMs }: SharedWorkOptions,
): Promise<void> {
  const [{ called }] = await db.$queryRaw<[{ called: string }]>`SELECT clock_timestamp()::text AS called`;
  const attempt = () =>
    db.$transaction(
      async (tx): Promise<"done" | number> => {
        const [{ free }] = await tx.$queryRaw<[{ free: boolean }]>`
          SELECT pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) AS free`;
        // In a statement of its own: what the last holder of the lock stored is seen by those that begin after it.
        const [last] = await tx.$queryRaw<{ done: boolean; leftMs: number }[]>`
          SELECT begun_at > ${called}::timestamptz AS done,
                 pause_ms - 1000 * extract(epoch FROM clock_timestamp() - ended_at)::float8 AS "leftMs"
          FROM shared_work WHERE name = ${name}`;
        if (last?.done) return "done";
        if (!free) return pollMs;
        if (last && last.leftMs > 0) return last.leftMs;
        const [{ begun }] = await tx.$queryRaw<[{ begun: string }]>`SELECT clock_timestamp()::text AS begun`;
        const start = performance.now();
        await work(tx);
        const pauseMs = Math.round(pauseAfter(performance.now() - start));
        await tx.$executeRaw`
          INSERT INTO shared_work (name, begun_at, ended_at, pause_ms)
          VALUES (${name}, ${begun}::timestamptz, clock_timestamp(), ${pauseMs})
          ON CONFLICT (name) DO UPDATE
          SET begun_at = excluded.begun_at, ended_at = excluded.ended_at, pause_ms = excluded.pause_ms`;
        return "done";
      },
      { timeout: limitMs },
    );
  for (let left = await attempt(); left !== "done"; left = await attempt()) await setTimeout(left);
}
