/**
 * Keeps board rows up to date. They are recomputed whenever a result is added or hidden: in the Open division from
 * runs, in the Closed one from scores on reference runs.
 */
import "server-only";
import type { SeedMeans } from "@/lib/leaderboard";
import { estimateOverSeeds, recomputed, scorerVersion } from "@/lib/leaderboard";
import type { Division, PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import { Coalescer } from "../coalescer";
import type { Database } from "../database/client";
import { imageMeansOf, testImages } from "./answers";
import { averageScoreColumns, estimateColumns, scoreColumns } from "./metric-columns";
import { rankBoard } from "./rank";
import { areRanked } from "./ranked-runs";
import type { Board } from "./revisions";
import { bumpRevisions, distinctBoards, lock } from "./revisions";

/** Some methods of a board. */
interface BoardRows extends Board {
  variant: string;
  policyIds: readonly string[];
}

/**
 * Recomputes board rows, inside the transaction that changed their inputs and after the change. Another transaction
 * that changes the same board and variant waits for this one to end, so no change is missed. Ranks stay as they are until
 * `rankBoard`.
 */
export async function refreshBoards(tx: Database, changes: readonly BoardRows[]): Promise<void> {
  for (const rows of changes) await refreshRows(tx, rows);
  await bumpRevisions(tx, changes);
}

async function refreshRows(tx: Database, { benchmarkId, division, variant, policyIds }: BoardRows): Promise<void> {
  await lock(tx, `${benchmarkId}/${division}/${variant}`);
  const { dataset } = await tx.benchmark.findUniqueOrThrow({ where: { id: benchmarkId }, select: { dataset: true } });
  const board = { benchmarkId, division, images: testImages(dataset) };
  const seedRows = await selectSeedRows[division](tx, { benchmarkId, variant, policyIds });
  const images = await imageMeansOf(
    tx,
    board,
    policyIds.map((policyId) => `${variant}/${policyId}`),
  );
  const where = { benchmarkId, division, variant, policyId: { in: [...policyIds] } };
  const ranks = await tx.boardRow.findMany({
    where,
    select: {
      policyId: true,
      bandFirst: true,
      bandLast: true,
      standing: true,
      sameAs: true,
      authorPlace: true,
      gapMean: true,
      gapLow: true,
      gapHigh: true,
    },
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
        ...estimateColumns(estimateOverSeeds(seeds, images.get(`${variant}/${policyId}`) ?? null)),
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
  /** The score on each reference run. */
  closed: (tx, { benchmarkId, variant, policyIds }) => tx.$queryRaw`
    SELECT score.policy_id::text AS "policyId", ${recomputed}::int AS tier, 1 AS runs, ARRAY[]::text[] AS backends,
           score.created_at AS "firstAt", ${scoreColumns}
    FROM trajectory JOIN score ON score.trajectory_id = trajectory.id JOIN policy ON policy.id = score.policy_id
    WHERE ${areRanked(benchmarkId)} AND trajectory.variant = ${variant} AND policy.hidden_at IS NULL AND policy.issues IS NULL
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
    { timeout: 600_000 },
  );
}

/**
 * Milliseconds to pause after a refresh: almost none after 10 ms of work, five times the work after 250 ms, so that a
 * large board doesn't starve everything else.
 */
const pauseAfter = (workMs: number): number => Math.min(30_000, workMs * Math.min(5, workMs / 50));

const refreshing = new Coalescer<void>(pauseAfter);

/** Refreshes stale rows and their ranks. Never throws: rows that fail stay marked as stale for the next call. */
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
