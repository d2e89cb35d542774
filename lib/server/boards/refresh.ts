/**
 * Keeps board rows up to date. They are recomputed whenever a result is added or hidden: in the Open division from
 * runs, in the Closed one from scores on reference runs.
 */
import "server-only";
import type { SeedMeans } from "@/lib/leaderboard";
import { estimateOverSeeds, recomputed, scorerVersion } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import type { Division, PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import { Coalescer } from "../coalescer";
import type { Database } from "../database/client";
import { shareWork } from "../shared-work";
import { imageMeansOf, testImages } from "./answers";
import { averageScoreColumns, estimateColumns, scoreColumns } from "./metric-columns";
import { rankBoard, unrankedBoards } from "./rank";
import { areCounted, areRanked, isReproduced } from "./ranked-runs";
import type { Board } from "./revisions";
import { boardKey, bumpRevisions, distinctBoards, lock } from "./revisions";

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
  const { recipe } = await tx.benchmark.findUniqueOrThrow({ where: { id: benchmarkId }, select: { recipe: true } });
  const board = { benchmarkId, division, images: testImages(recipe as Recipe) };
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
        reproduced: seeds.filter((row) => row.reproduced).length,
        backends: [...new Set(seeds.flatMap((row) => row.backends))].sort(),
        firstAt: new Date(seeds.reduce((first, row) => Math.min(first, row.firstAt.getTime()), Infinity)),
        ...estimateColumns(estimateOverSeeds(seeds, images.get(`${variant}/${policyId}`) ?? null)),
      },
    ];
  });
  await tx.boardRow.createMany({ data: rows });
}

type SeedRow = SeedMeans & {
  policyId: string;
  tier: number;
  runs: number;
  reproduced: boolean;
  backends: string[];
  firstAt: Date;
};
type SelectSeedRows = (tx: Database, rows: Omit<BoardRows, "division">) => Promise<SeedRow[]>;

const uuids = (ids: readonly string[]) => Prisma.join(ids.map((id) => Prisma.sql`${id}::uuid`));

const selectSeedRows: Record<Division, SelectSeedRows> = {
  /** The average over the counted runs of each seed. */
  open: (tx, { benchmarkId, variant, policyIds }) => tx.$queryRaw`
    SELECT score.policy_id::text AS "policyId", min(run.tier)::int AS tier, count(*)::int AS runs,
           bool_or(${isReproduced}) AS reproduced, array_agg(DISTINCT run.manifest #>> '{backend,name}') AS backends, min(run.created_at) AS "firstAt",
           ${averageScoreColumns}
    FROM run JOIN run_score AS score ON score.run_id = run.id JOIN policy ON policy.id = score.policy_id
    WHERE run.benchmark_id = ${benchmarkId}::uuid AND run.variant = ${variant} AND ${areCounted}
      AND policy.issues IS NULL AND policy.hidden_at IS NULL AND score.policy_id IN (${uuids(policyIds)})
    GROUP BY score.policy_id, run.seed
    ORDER BY score.policy_id, run.seed`,
  /** The score on each reference run. */
  closed: (tx, { benchmarkId, variant, policyIds }) => tx.$queryRaw`
    SELECT score.policy_id::text AS "policyId", ${recomputed}::int AS tier, 1 AS runs, false AS reproduced, ARRAY[]::text[] AS backends,
           score.created_at AS "firstAt", ${scoreColumns}
    FROM trajectory JOIN score ON score.trajectory_id = trajectory.id JOIN policy ON policy.id = score.policy_id
    WHERE ${areRanked(benchmarkId)} AND trajectory.variant = ${variant} AND policy.hidden_at IS NULL AND policy.issues IS NULL
      AND score.scorer_version = ${scorerVersion} AND score.policy_id IN (${uuids(policyIds)})
    ORDER BY score.policy_id, trajectory.number`,
};

/** Marks rows as stale, in the transaction that changed their inputs: `refreshStaleBoards` recomputes them. */
export async function markStale(
  tx: Database,
  rows: readonly (Board & { variant: string; policyId: string })[],
): Promise<void> {
  await tx.staleBoardRow.createMany({ data: [...rows] });
}

/** Recomputes every row of a board that is marked stale. */
async function refreshStaleRows(tx: Database, { benchmarkId, division }: Board): Promise<void> {
  const stale = await tx.$queryRaw<BoardRows[]>`
    WITH taken AS (
      DELETE FROM stale_board_row WHERE benchmark_id = ${benchmarkId}::uuid AND division = ${division}::division
      RETURNING variant, policy_id
    )
    SELECT ${benchmarkId} AS "benchmarkId", ${division} AS division, variant,
           array_agg(DISTINCT policy_id::text) AS "policyIds"
    FROM taken GROUP BY variant ORDER BY variant`;
  await refreshBoards(tx, stale);
}

const pace = {
  /** Almost none after 10 ms of work, five times the work after 250 ms, so that a large board doesn't starve the rest. */
  pauseAfter: (workMs: number) => Math.min(15_000, workMs * Math.min(5, workMs / 50)),
  limitMs: 600_000,
};

const refreshing = new Coalescer<void>();

/** Refreshes a board's stale rows, then its ranks. Never throws: what fails stays marked for the next call. */
export async function refreshStaleBoard(db: PrismaClient, board: Board): Promise<void> {
  const name = `${boardKey(board)}/rows`;
  try {
    await refreshing.run(name, () => shareWork(db, name, (tx) => refreshStaleRows(tx, board), pace));
    await rankBoard(db, board);
  } catch (error) {
    console.error(`Bringing ${boardKey(board)} up to date:`, error);
  }
}

/** The same for every board that has stale rows, or ranks older than its rows. */
export async function refreshStaleBoards(db: PrismaClient): Promise<void> {
  try {
    const stale = await db.staleBoardRow.findMany({
      distinct: ["benchmarkId", "division"],
      select: { benchmarkId: true, division: true },
    });
    const boards = distinctBoards([...stale, ...(await unrankedBoards(db))]);
    await Promise.all(boards.map((board) => refreshStaleBoard(db, board)));
  } catch (error) {
    console.error("Bringing boards up to date:", error);
  }
}

/** Whether `refreshStaleBoard` would start immediately. */
export const isIdle = (board: Board): boolean => refreshing.isIdle(`${boardKey(board)}/rows`);
