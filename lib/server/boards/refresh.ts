/**
 * Keeps board rows up to date. They are recomputed whenever a result is added or hidden: in the Open division from
 * runs, in the Closed one from scores on held-out trajectories.
 */
import "server-only";
import { setImmediate } from "node:timers/promises";
import { pairedDifference, rankBandsInParts } from "@/lib/evaluation";
import type { SeedMeans } from "@/lib/leaderboard";
import { estimateOverSeeds, recomputed } from "@/lib/leaderboard";
import type { Division, PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import { Coalescer } from "../coalescer";
import type { Database } from "../database/client";
import { averageScoreColumns, estimateColumns, scoreColumns } from "./metric-columns";
import { scorerVersion } from "./scorer-version";

/** One board of a benchmark. */
export interface Board {
  benchmarkId: string;
  division: Division;
}

/** Some methods of a board. */
interface BoardRows extends Board {
  variant: string;
  policyIds: readonly string[];
}

const boardKey = ({ benchmarkId, division }: Board): string => `${benchmarkId}/${division}`;

/** These boards without duplicates. */
export function distinctBoards(boards: readonly Board[]): Board[] {
  const byKey = new Map(
    boards.map(({ benchmarkId, division }) => [boardKey({ benchmarkId, division }), { benchmarkId, division }]),
  );
  return [...byKey.values()];
}

/**
 * Recomputes board rows, inside the transaction that changed their inputs and after the change. Another transaction
 * that changes the same board and variant waits for this one to end, so no change is missed. Rank bands stay as they
 * are until `rankBoard`.
 */
export async function refreshBoards(tx: Database, changes: readonly BoardRows[]): Promise<void> {
  for (const rows of changes) await refreshRows(tx, rows);
  await bumpRevisions(tx, changes);
}

/**
 * Bumps the revisions of boards, which invalidates everything cached for them. The last step of a transaction, and
 * always in the same order, so that two transactions can't deadlock.
 */
export async function bumpRevisions(tx: Database, boards: readonly Board[]): Promise<void> {
  const sorted = distinctBoards(boards).sort((a, b) => (boardKey(a) < boardKey(b) ? -1 : 1));
  for (const { benchmarkId, division } of sorted) {
    await tx.$executeRaw`
      INSERT INTO board_revision (benchmark_id, division) VALUES (${benchmarkId}::uuid, ${division}::division)
      ON CONFLICT (benchmark_id, division) DO UPDATE SET revision = board_revision.revision + 1`;
  }
}

async function refreshRows(tx: Database, { benchmarkId, division, variant, policyIds }: BoardRows): Promise<void> {
  await lock(tx, `${benchmarkId}/${division}/${variant}`);
  const seedRows = await selectSeedRows[division](tx, { benchmarkId, variant, policyIds });
  const where = { benchmarkId, division, variant, policyId: { in: [...policyIds] } };
  const ranks = await tx.boardRow.findMany({
    where,
    select: { policyId: true, bandFirst: true, bandLast: true, gapMean: true, gapLow: true, gapHigh: true },
  });
  await tx.boardRow.deleteMany({ where });
  const rows = policyIds.flatMap((policyId) => {
    const seeds = seedRows.filter((row) => row.policyId === policyId);
    if (seeds.length === 0) return [];
    return [
      {
        ...ranks.find((row) => row.policyId === policyId),
        benchmarkId,
        division,
        variant,
        policyId,
        tier: seeds.reduce((least, row) => Math.min(least, row.tier), Infinity),
        runs: seeds.reduce((total, row) => total + row.runs, 0),
        n: seeds.length,
        backends: [...new Set(seeds.flatMap((row) => row.backends))].sort(),
        firstAt: new Date(seeds.reduce((first, row) => Math.min(first, row.firstAt.getTime()), Infinity)),
        ...estimateColumns(estimateOverSeeds(seeds)),
      },
    ];
  });
  await tx.boardRow.createMany({ data: rows });
}

type SeedRow = SeedMeans & { policyId: string; tier: number; runs: number; backends: string[]; firstAt: Date };
type SelectSeedRows = (tx: Database, rows: Omit<BoardRows, "division">) => Promise<SeedRow[]>;

const uuids = (ids: readonly string[]) => Prisma.join(ids.map((id) => Prisma.sql`${id}::uuid`));

const selectSeedRows: Record<Division, SelectSeedRows> = {
  /** The average over the visible runs of each seed. */
  open: (tx, { benchmarkId, variant, policyIds }) => tx.$queryRaw`
    SELECT score.policy_id::text AS "policyId", min(run.tier)::int AS tier, count(*)::int AS runs,
           array_agg(DISTINCT run.manifest #>> '{backend,name}') AS backends, min(run.created_at) AS "firstAt",
           ${averageScoreColumns}
    FROM run JOIN run_score AS score ON score.run_id = run.id JOIN policy ON policy.id = score.policy_id
    WHERE run.benchmark_id = ${benchmarkId}::uuid AND run.variant = ${variant} AND run.hidden_at IS NULL
      AND run.issues IS NULL AND policy.issues IS NULL AND policy.hidden_at IS NULL AND score.policy_id IN (${uuids(policyIds)})
    GROUP BY score.policy_id, run.seed
    ORDER BY score.policy_id, run.seed`,
  /** The score on each held-out trajectory. */
  closed: (tx, { benchmarkId, variant, policyIds }) => tx.$queryRaw`
    SELECT score.policy_id::text AS "policyId", ${recomputed}::int AS tier, 1 AS runs, ARRAY[]::text[] AS backends,
           score.created_at AS "firstAt", ${scoreColumns}
    FROM trajectory JOIN score ON score.trajectory_id = trajectory.id JOIN policy ON policy.id = score.policy_id
    WHERE trajectory.benchmark_id = ${benchmarkId}::uuid AND trajectory.variant = ${variant}
      AND trajectory.visibility = 'held_out' AND policy.hidden_at IS NULL AND policy.issues IS NULL
      AND score.scorer_version = ${scorerVersion} AND score.policy_id IN (${uuids(policyIds)})
    ORDER BY score.policy_id, trajectory.number`,
};

/** Recomputes every row that is marked stale; returns the boards that changed. */
async function refreshStaleRows(db: PrismaClient): Promise<Board[]> {
  return db.$transaction(
    async (tx) => {
      await lock(tx, "stale board rows"); // one at a time across processes
      const stale = await tx.$queryRaw<BoardRows[]>`
        WITH taken AS (DELETE FROM stale_board_row RETURNING benchmark_id, division, variant, policy_id)
        SELECT benchmark_id::text AS "benchmarkId", division::text AS division, variant,
               array_agg(DISTINCT policy_id::text) AS "policyIds"
        FROM taken GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
      await refreshBoards(tx, stale);
      return distinctBoards(stale);
    },
    { maxWait: 60_000, timeout: 600_000 },
  );
}

/**
 * Milliseconds to pause after a refresh: almost none after 10 ms of work, five times the work after 250 ms, so that a
 * large board doesn't starve everything else.
 */
const pauseAfter = (workMs: number): number => Math.min(30_000, workMs * Math.min(5, workMs / 50));

const refreshing = new Coalescer<void>(pauseAfter);

/** Refreshes stale rows and their rank bands. Never throws: rows that fail stay marked as stale for the next call. */
export const refreshStaleBoards = (db: PrismaClient): Promise<void> =>
  refreshing.run(db, async () => {
    try {
      for (const board of await refreshStaleRows(db)) await rankBoard(db, board);
    } catch (error) {
      console.error("Bringing boards up to date:", error);
    }
  });

/** Whether `refreshStaleBoards` would start immediately. */
export const boardsIdle = (db: PrismaClient): boolean => refreshing.isIdle(db);

const ranking = new Coalescer<void>();

/** Recomputes a board's rank bands. Never throws: they can be recomputed at any time. */
export const rankBoard = (db: PrismaClient, board: Board): Promise<void> =>
  ranking.run(boardKey(board), () =>
    rank(db, board).catch((error: unknown) => console.error(`Ranking ${boardKey(board)}:`, error)),
  );

/**
 * Rank bands of a whole board, and each row's paired difference from its leader. Quadratic in the number of methods, so
 * it yields to the event loop.
 */
async function rank(db: PrismaClient, { benchmarkId, division }: Board): Promise<void> {
  await db.$transaction(
    async (tx) => {
      await lock(tx, `${benchmarkId}/${division}/rank`);
      const [rows, scores] = await Promise.all([
        tx.boardRow.findMany({
          where: { benchmarkId, division },
          orderBy: [{ n: "desc" }, { accuracyMean: "desc" }, { id: "asc" }],
          select: { id: true, variant: true, policyId: true },
        }),
        seedAccuracies[division](tx, benchmarkId),
      ]);
      if (rows.length === 0) return;
      const byMethod = new Map(
        scores.map(({ method, seeds, accuracies }) => [
          method,
          new Map(seeds.map((seed, index) => [seed, accuracies[index]!])),
        ]),
      );
      const entries = rows.map(
        ({ variant, policyId }) => byMethod.get(`${variant}/${policyId}`) ?? new Map<number, number>(),
      );
      const leader = entries[0]!; // the highest mean among those with the most seeds
      const bands = await withPauses(rankBandsInParts(entries));
      const ranks = rows.map(({ id }, index) => ({
        id,
        first: bands[index]!.from,
        last: bands[index]!.to,
        ...(index > 0 && gap(entries[index]!, leader)),
      }));
      const changed = await tx.$executeRaw`
        UPDATE board_row AS old
        SET band_first = new.first, band_last = new.last, gap_mean = new.mean, gap_low = new.low, gap_high = new.high
        FROM jsonb_to_recordset(${JSON.stringify(ranks)}::jsonb)
          AS new(id uuid, first int, last int, mean float8, low float8, high float8)
        WHERE old.id = new.id
          AND (old.band_first, old.band_last, old.gap_mean, old.gap_low, old.gap_high)
            IS DISTINCT FROM (new.first, new.last, new.mean, new.low, new.high)`;
      if (changed > 0) await bumpRevisions(tx, [{ benchmarkId, division }]);
    },
    { maxWait: 60_000, timeout: 600_000 },
  );
}

/** Runs a generator to its end, yielding to the event loop every 4 ms. */
async function withPauses<Result>(parts: Generator<void, Result>): Promise<Result> {
  for (let start = performance.now(); ; ) {
    const part = parts.next();
    if (part.done) return part.value;
    if (performance.now() - start < 4) continue;
    await setImmediate();
    start = performance.now();
  }
}

/** Each method's accuracies by `variant/policy id`, as JSON arrays: one row per seed takes ten times as long. */
const seedAccuracies: Record<
  Division,
  (tx: Database, benchmarkId: string) => Promise<{ method: string; seeds: number[]; accuracies: number[] }[]>
> = {
  open: (tx, benchmarkId) => tx.$queryRaw`
    SELECT variant || '/' || policy_id AS method, json_agg(seed) AS seeds, json_agg(accuracy) AS accuracies
    FROM (SELECT run.variant, score.policy_id, run.seed, avg(score.accuracy) AS accuracy
          FROM run JOIN run_score AS score ON score.run_id = run.id
          WHERE run.benchmark_id = ${benchmarkId}::uuid AND run.hidden_at IS NULL AND run.issues IS NULL
          GROUP BY 1, 2, 3) AS each_seed
    GROUP BY variant, policy_id`,
  closed: (tx, benchmarkId) => tx.$queryRaw`
    SELECT trajectory.variant || '/' || score.policy_id AS method,
           json_agg(trajectory.number) AS seeds, json_agg(score.accuracy) AS accuracies
    FROM trajectory JOIN score ON score.trajectory_id = trajectory.id
    WHERE trajectory.benchmark_id = ${benchmarkId}::uuid AND trajectory.visibility = 'held_out'
      AND score.scorer_version = ${scorerVersion}
    GROUP BY 1`,
};

/** A method's paired difference from the leader; false if they share no seed. */
function gap(
  method: ReadonlyMap<number, number>,
  leader: ReadonlyMap<number, number>,
): { mean: number; low?: number; high?: number } | false {
  const seeds = [...method.keys()].filter((seed) => leader.has(seed));
  if (seeds.length === 0) return false;
  const { mean, interval } = pairedDifference(
    seeds.map((seed) => method.get(seed)!),
    seeds.map((seed) => leader.get(seed)!),
  );
  return { mean, ...interval };
}

/** Holds a lock of this name until the transaction ends. */
const lock = (tx: Database, name: string) =>
  tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))::text`;
