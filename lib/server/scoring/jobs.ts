/**
 * The job queue: work that outlives a request, stored as database rows. A process leases a job before it works on it
 * (`FOR UPDATE SKIP LOCKED`), so any number of processes share the queue, and a job whose process dies is taken over.
 */
import "server-only";
import type { Job, Lane, Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";

/** A lease expires unless it is renewed: its holder is then presumed dead. */
export const leaseSeconds = 60;

/** A job is given up after this many leases. */
const maxAttempts = 5;

export type NewJob = Pick<
  Prisma.JobUncheckedCreateInput,
  "kind" | "lane" | "benchmarkId" | "policyId" | "trajectoryId" | "number"
>;

/** The deduplication key: the same work is queued once. */
const jobKey = ({ kind, benchmarkId, policyId, trajectoryId, number }: NewJob): string =>
  [kind, benchmarkId, policyId ?? trajectoryId ?? number].join("/");

/** Appends jobs to the queue; a job that was given up is retried. */
export async function enqueue(tx: Database, jobs: readonly NewJob[]): Promise<void> {
  const rows = jobs.map((job) => ({ ...job, key: jobKey(job) }));
  await tx.job.createMany({ data: rows, skipDuplicates: true });
  await tx.job.updateMany({
    where: { key: { in: rows.map(({ key }) => key) }, failedAt: { not: null } },
    data: { failedAt: null, attempts: 0, leasedUntil: null },
  });
}

/**
 * Leases the first free job of a lane; null if there is none. Jobs that somebody requested come first, then those on
 * held-out trajectories, which decide the ranking, then those on public ones.
 */
export async function lease(db: Database, lane: Lane): Promise<Job | null> {
  await db.$executeRaw`
    UPDATE job SET failed_at = now(), error = 'The process that did it ended each time.'
    WHERE lane = ${lane}::lane AND failed_at IS NULL AND attempts >= ${maxAttempts} AND leased_until < now()`;
  const [leased] = await db.$queryRaw<{ id: bigint }[]>`
    UPDATE job
    SET leased_until = now() + make_interval(secs => ${leaseSeconds}), attempts = attempts + 1, error = NULL
    WHERE id = (
      SELECT id FROM job
      WHERE lane = ${lane}::lane AND failed_at IS NULL AND (leased_until IS NULL OR leased_until < now())
      ORDER BY (SELECT visibility = 'public' FROM trajectory WHERE trajectory.id = job.trajectory_id) NULLS FIRST, id
      LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id`;
  return leased ? db.job.findUnique({ where: { id: leased.id } }) : null;
}

/** Renews the lease of a job that is being worked on. */
export async function renew(db: Database, { id }: Job): Promise<void> {
  await db.$executeRaw`UPDATE job SET leased_until = now() + make_interval(secs => ${leaseSeconds}) WHERE id = ${id}`;
}

/** Removes a job that is done. */
export async function finish(db: Database, { id }: Job): Promise<void> {
  await db.job.deleteMany({ where: { id } });
}

/** Records why a job failed. It is retried later, up to five times, or never if a retry can't help. */
export async function fail(
  db: Database,
  { id, attempts }: Job,
  error: string,
  { forGood = false } = {},
): Promise<void> {
  const delaySeconds = 5 * 4 ** (attempts - 1); // 5 s, 20 s, 80 s …
  const failedAt = forGood || attempts >= maxAttempts ? new Date() : null;
  await db.job.updateMany({
    where: { id },
    data: { error, failedAt, leasedUntil: new Date(Date.now() + 1000 * delaySeconds) },
  });
}

/** Releases the lease of a job that its process stopped working on; this attempt doesn't count. */
export async function release(db: Database, { id }: Job): Promise<void> {
  await db.job.updateMany({ where: { id }, data: { leasedUntil: null, attempts: { decrement: 1 } } });
}

/** Releases every lease: for the start of the only process that may open an embedded database. */
export async function releaseAll(db: Database): Promise<void> {
  await db.job.updateMany({ where: { failedAt: null }, data: { leasedUntil: null } });
}

/** How many jobs of the lane come before this one, which scores a policy. */
export const countAhead = (db: Database, { id, lane }: Pick<Job, "id" | "lane">): Promise<number> =>
  db.job.count({ where: { lane, failedAt: null, trajectoryId: null, id: { lt: id } } });
