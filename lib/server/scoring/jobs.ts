/**
 * The line of work that outlives a request: rows of the database, leased by
 * one process at a time (`FOR UPDATE SKIP LOCKED`), so that any number of
 * processes share it and whatever one leaves undone another takes up.
 */
import "server-only";
import type { Job, Lane, Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";

/** A lease runs out unless renewed; its holder is taken for dead then. */
export const leaseSeconds = 60;

/** Leases after which a job is given up. */
const mostAttempts = 5;

export type NewJob = Pick<
  Prisma.JobUncheckedCreateInput,
  "kind" | "lane" | "benchmarkId" | "policyId" | "trajectoryId" | "number"
>;

/** The same work has the same key, and is in line once. */
const jobKey = ({ kind, benchmarkId, policyId, trajectoryId, number }: NewJob): string =>
  [kind, benchmarkId, policyId ?? trajectoryId ?? number].join("/");

/** Puts work at the end of the line; what was given up is tried again. */
export async function enqueue(tx: Database, jobs: readonly NewJob[]): Promise<void> {
  const rows = jobs.map((job) => ({ ...job, key: jobKey(job) }));
  await tx.job.createMany({ data: rows, skipDuplicates: true });
  await tx.job.updateMany({
    where: { key: { in: rows.map(({ key }) => key) }, failedAt: { not: null } },
    data: { failedAt: null, attempts: 0, leasedUntil: null },
  });
}

/**
 * Leases the first free job of a lane, null where there is none: what somebody asked for, then what ranks, then the
 * public runs.
 */
export async function lease(db: Database, lane: Lane): Promise<Job | null> {
  await db.$executeRaw`
    UPDATE job SET failed_at = now(), error = 'The process that did it ended each time.'
    WHERE lane = ${lane}::lane AND failed_at IS NULL AND attempts >= ${mostAttempts} AND leased_until < now()`;
  const [taken] = await db.$queryRaw<{ id: bigint }[]>`
    UPDATE job SET leased_until = now() + make_interval(secs => ${leaseSeconds}), attempts = attempts + 1, error = NULL
    WHERE id = (
      SELECT id FROM job WHERE lane = ${lane}::lane AND failed_at IS NULL AND (leased_until IS NULL OR leased_until < now())
      ORDER BY (SELECT visibility = 'public' FROM trajectory WHERE trajectory.id = job.trajectory_id) NULLS FIRST, id
      LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id`;
  return taken ? db.job.findUnique({ where: { id: taken.id } }) : null;
}

export async function renew(db: Database, { id }: Job): Promise<void> {
  await db.$executeRaw`UPDATE job SET leased_until = now() + make_interval(secs => ${leaseSeconds}) WHERE id = ${id}`;
}

export async function finish(db: Database, { id }: Job): Promise<void> {
  await db.job.deleteMany({ where: { id } });
}

/** Notes why a job failed; it is tried again later, up to five times, or not at all where that can't help. */
export async function fail(
  db: Database,
  { id, attempts }: Job,
  error: string,
  { forGood = false } = {},
): Promise<void> {
  const delaySeconds = 5 * 4 ** (attempts - 1); // 5 s, 20 s, 80 s …
  const failedAt = forGood || attempts >= mostAttempts ? new Date() : null;
  await db.job.updateMany({
    where: { id },
    data: { error, failedAt, leasedUntil: new Date(Date.now() + 1000 * delaySeconds) },
  });
}

/** Gives back every lease: for the one process that may open an embedded database, when it starts. */
export async function forgetLeases(db: Database): Promise<void> {
  await db.job.updateMany({ where: { failedAt: null }, data: { leasedUntil: null } });
}

/** How many jobs of a lane come before this one, which scores a policy. */
export const ahead = (db: Database, { id, lane }: Pick<Job, "id" | "lane">): Promise<number> =>
  db.job.count({ where: { lane, failedAt: null, trajectoryId: null, id: { lt: id } } });
