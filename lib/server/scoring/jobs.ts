/**
 * The job queue: work that outlives a request, stored as database rows. A process leases a job before it works on it
 * (`FOR UPDATE SKIP LOCKED`), so any number of processes share the queue, and a job whose process dies is taken over.
 */
import "server-only";
import { firstRuns } from "@/lib/leaderboard";
import type { Job, JobKind, Lane } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";

/**
 * A lease expires unless it is renewed: its holder is then presumed dead. What a holder that was only slow still does is
 * harmless, since all work can be done twice, and it changes no job that another has leased since: each lease is another
 * attempt.
 */
export const leaseSeconds = 20;

/** A job is given up after this many leases, unless only its board is left to be brought up to date. */
const maxAttempts = 5;

export type NewJob = Pick<
  Prisma.JobUncheckedCreateInput,
  "kind" | "lane" | "benchmarkId" | "policyId" | "trajectoryId" | "runId" | "number"
>;

/** The deduplication key: the same work is queued once. */
export const jobKey = ({ kind, benchmarkId, policyId, trajectoryId, runId, number }: NewJob): string =>
  [kind, benchmarkId, policyId ?? trajectoryId ?? runId ?? number].join("/");

/** Appends jobs to the queue; a job that was given up is retried. */
export async function enqueue(tx: Database, jobs: readonly NewJob[]): Promise<void> {
  const rows = jobs.map((job) => ({ ...job, key: jobKey(job) }));
  await tx.job.createMany({ data: rows, skipDuplicates: true });
  await tx.job.updateMany({
    where: { key: { in: rows.map(({ key }) => key) }, failedAt: { not: null } },
    data: { failedAt: null, scoredAt: null, attempts: 0, leasedUntil: null },
  });
}

/** What a process may lease: see `lease`. */
export interface Leasable {
  kinds: readonly JobKind[];
  /** Benchmarks (ids) that it may record. */
  recordable: readonly string[];
  /** Benchmarks (ids) whose data is here, for audits and weights; none once the day's budget is spent. */
  auditable: readonly string[];
  /** Whether recording is paused: only what somebody requested is worked on. */
  paused: boolean;
}

/**
 * The place of a job in the queue. What somebody requested comes first, and audits of what somebody published. Then number after number over all boards: run k
 * of each is recorded and scored before run k + 1 of any. Public runs stand behind the first held-out ones, which ranks
 * need.
 */
const place = Prisma.sql`
  CASE WHEN kind IN ('score', 'audit', 'weights') THEN 0 WHEN kind = 'record' THEN number ELSE (
    SELECT CASE visibility WHEN 'public' THEN ${firstRuns} ELSE 0 END + trajectory.number
    FROM trajectory WHERE trajectory.id = job.trajectory_id
  ) END`;

/**
 * Leases the first free job of a lane; null if there is none. While a recording waits to be tried again, no other of
 * its board is begun: what was wrong with the one, such as a full disk, is probably wrong with all.
 */
export async function lease(
  db: Database,
  lane: Lane,
  { kinds, recordable, auditable, paused }: Leasable,
): Promise<Job | null> {
  await db.$executeRaw`
    UPDATE job SET failed_at = now(), error = 'The process that did it ended each time.'
    WHERE lane = ${lane}::lane AND failed_at IS NULL AND attempts >= ${maxAttempts} AND leased_until < now()
      AND kind <> 'record' AND scored_at IS NULL`;
  const [leased] = await db.$queryRaw<{ id: bigint }[]>`
    UPDATE job
    SET leased_until = now() + make_interval(secs => ${leaseSeconds}), attempts = attempts + 1, error = NULL
    WHERE id = (
      SELECT id FROM job
      WHERE lane = ${lane}::lane AND failed_at IS NULL AND (leased_until IS NULL OR leased_until < now())
        AND kind::text = ANY (${[...kinds]}) AND (kind IN ('score', 'audit', 'weights') OR NOT ${paused}::boolean)
        AND (kind NOT IN ('audit', 'weights') OR benchmark_id = ANY (${[...auditable]}::uuid[]))
        AND (kind <> 'record' OR benchmark_id = ANY (${[...recordable]}::uuid[]) AND NOT EXISTS (
          SELECT 1 FROM job AS failed WHERE failed.kind = 'record' AND failed.benchmark_id = job.benchmark_id
            AND failed.error IS NOT NULL AND failed.leased_until > now()))
      ORDER BY ${place}, benchmark_id, id
      LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id`;
  return leased ? db.job.findUnique({ where: { id: leased.id } }) : null;
}

/** A job as its holder leased it. */
type Lease = Pick<Job, "id" | "attempts">;

/** Renews the lease of a job that is being worked on. */
export async function renew(db: Database, { id, attempts }: Lease): Promise<void> {
  await db.$executeRaw`
    UPDATE job SET leased_until = now() + make_interval(secs => ${leaseSeconds})
    WHERE id = ${id} AND attempts = ${attempts}`;
}

/** Notes that all scores of a job are stored: what is left harms no process. */
export async function markScored(db: Database, { id, attempts }: Lease): Promise<void> {
  await db.job.updateMany({ where: { id, attempts }, data: { scoredAt: new Date() } });
}

/** Removes a job that is done. */
export async function finish(db: Database, { id, attempts }: Lease): Promise<void> {
  await db.job.deleteMany({ where: { id, attempts } });
}

/** Seconds until the next attempt: 5, 20, 80 … up to an hour. */
const delaySeconds = (attempts: number): number => Math.min(3600, 5 * 4 ** (attempts - 1));

/**
 * Records why a job failed. It is retried later, up to five times, or never if a retry can't help; a recording always:
 * nobody else asks for it again.
 */
export async function fail(
  db: Database,
  { id, kind, attempts }: Lease & Pick<Job, "kind">,
  error: string,
  { forGood = false } = {},
): Promise<void> {
  const failedAt = forGood || (attempts >= maxAttempts && kind !== "record") ? new Date() : null;
  await db.job.updateMany({
    where: { id, attempts },
    data: { error, failedAt, leasedUntil: new Date(Date.now() + 1000 * delaySeconds(attempts)) },
  });
}

/** Releases the lease of a job that its process stopped working on; this attempt doesn't count. */
export async function release(db: Database, { id, attempts }: Lease): Promise<void> {
  await db.job.updateMany({ where: { id, attempts }, data: { leasedUntil: null, attempts: { decrement: 1 } } });
}

/** Releases every lease: for the start of the only process that may open an embedded database. */
export async function releaseAll(db: Database): Promise<void> {
  await db.job.updateMany({ where: { failedAt: null }, data: { leasedUntil: null } });
}

/** Every kind of job. */
export const jobKinds = ["score", "audit", "weights", "catch_up", "record"] as const satisfies JobKind[];

/** How many jobs of the lane come before this one, which scores a policy. */
export const countAhead = (db: Database, { id, lane }: Pick<Job, "id" | "lane">): Promise<number> =>
  db.job.count({ where: { lane, failedAt: null, kind: "score", id: { lt: id } } });
