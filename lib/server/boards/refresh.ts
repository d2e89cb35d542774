/**
 * The rows of a board, made again from what is behind them whenever something
 * is added or hidden: runs in the Open division, scores on held-out
 * trajectories in the Closed one.
 */
import "server-only";
import { pairedDifference, rankBandsInParts } from "@/lib/evaluation";
import type { MetricName, SeedMeans } from "@/lib/leaderboard";
import { estimateOverSeeds, metricNames, recomputed } from "@/lib/leaderboard";
import type { Division, PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { Turns } from "../single-flight";
import { scorerVersion } from "./scorer-version";

interface Rows {
  benchmarkId: string;
  division: Division;
  variant: string;
  policyIds: readonly string[];
}

/**
 * Makes rows of boards agree with what is behind them. Inside a transaction, after the
 * change: others who change the same board and variant wait for its end, so nothing
 * is left out. Bands stay as they were until `rankBoard`.
 */
export async function refreshBoards(tx: Database, changes: readonly Rows[]): Promise<void> {
  for (const rows of changes) await refreshBoardRows(tx, rows);
  await noteRevisions(tx, changes);
}

/**
 * Notes that what was made from these boards no longer holds. The last thing that a
 * transaction does, and in one order, so that two can't wait for each other.
 */
export async function noteRevisions(tx: Database, boards: readonly Board[]): Promise<void> {
  const keys = new Map(boards.map((board) => [`${board.benchmarkId}/${board.division}`, board]));
  for (const key of [...keys.keys()].sort()) {
    const { benchmarkId, division } = keys.get(key)!;
    await tx.$executeRaw`
      INSERT INTO board_revision (benchmark_id, division) VALUES (${benchmarkId}::uuid, ${division}::division)
      ON CONFLICT (benchmark_id, division) DO UPDATE SET revision = board_revision.revision + 1`;
  }
}

async function refreshBoardRows(tx: Database, { benchmarkId, division, variant, policyIds }: Rows): Promise<void> {
  await lock(tx, `${benchmarkId}/${division}/${variant}`);
  const seeds = await seedRows[division](tx, { benchmarkId, variant, policyIds });
  const where = { benchmarkId, division, variant, policyId: { in: [...policyIds] } };
  const before = await tx.boardRow.findMany({
    where,
    select: { policyId: true, bandFirst: true, bandLast: true, gapMean: true, gapLow: true, gapHigh: true },
  });
  await tx.boardRow.deleteMany({ where });
  const rows = policyIds.flatMap((policyId) => {
    const own = seeds.filter((row) => row.policyId === policyId);
    if (!own.length) return [];
    const tier = Math.min(...own.map((row) => row.tier));
    const runs = own.reduce((total, row) => total + row.runs, 0);
    const backends = [...new Set(own.flatMap((row) => row.backends))].sort();
    const firstAt = new Date(Math.min(...own.map((row) => row.firstAt.getTime())));
    const rank = before.find((row) => row.policyId === policyId);
    return [
      {
        ...rank,
        benchmarkId,
        division,
        variant,
        policyId,
        tier,
        runs,
        n: own.length,
        backends,
        firstAt,
        ...estimateColumns(own),
      },
    ];
  });
  await tx.boardRow.createMany({ data: rows });
}

type SeedRow = SeedMeans & { policyId: string; tier: number; runs: number; backends: string[]; firstAt: Date };
type SeedRows = (tx: Database, of: Omit<Rows, "division">) => Promise<SeedRow[]>;

const uuids = (ids: readonly string[]) => Prisma.join(ids.map((id) => Prisma.sql`${id}::uuid`));

const seedRows: Record<Division, SeedRows> = {
  /** What the visible runs of each seed scored, on average. */
  open: (tx, { benchmarkId, variant, policyIds }) => tx.$queryRaw`
    SELECT score.policy_id::text AS "policyId", min(run.tier)::int AS tier, count(*)::int AS runs,
           array_agg(DISTINCT run.manifest #>> '{backend,name}') AS backends, min(run.created_at) AS "firstAt",
           avg(score.accuracy) AS accuracy, avg(score.sensitivity) AS sensitivity, avg(score.specificity) AS specificity,
           avg(score.f_score) AS "fScore", avg(score.esm) AS esm
    FROM run JOIN run_score AS score ON score.run_id = run.id JOIN policy ON policy.id = score.policy_id
    WHERE run.benchmark_id = ${benchmarkId}::uuid AND run.variant = ${variant} AND run.hidden_at IS NULL AND policy.hidden_at IS NULL
      AND score.policy_id IN (${uuids(policyIds)})
    GROUP BY score.policy_id, run.seed
    ORDER BY score.policy_id, run.seed`,
  /** What each held-out trajectory gave. */
  closed: (tx, { benchmarkId, variant, policyIds }) => tx.$queryRaw`
    SELECT score.policy_id::text AS "policyId", ${recomputed}::int AS tier, 1 AS runs, ARRAY[]::text[] AS backends, score.created_at AS "firstAt",
           score.accuracy, score.sensitivity, score.specificity, score.f_score AS "fScore", score.esm
    FROM trajectory JOIN score ON score.trajectory_id = trajectory.id JOIN policy ON policy.id = score.policy_id
    WHERE trajectory.benchmark_id = ${benchmarkId}::uuid AND trajectory.variant = ${variant} AND trajectory.visibility = 'held_out' AND policy.hidden_at IS NULL
      AND score.scorer_version = ${scorerVersion} AND score.policy_id IN (${uuids(policyIds)})
    ORDER BY score.policy_id, trajectory.number`,
};

type EstimateColumns = Record<`${MetricName}Mean`, number> &
  Record<`${MetricName}${"Deviation" | "Low" | "High"}`, number | null>;

function estimateColumns(seeds: readonly SeedMeans[]): EstimateColumns {
  const estimates = estimateOverSeeds(seeds);
  return Object.fromEntries(
    metricNames.flatMap((metric) => {
      const { mean, deviation, low, high } = estimates[metric];
      return [
        [`${metric}Mean`, mean],
        [`${metric}Deviation`, deviation],
        [`${metric}Low`, low],
        [`${metric}High`, high],
      ];
    }),
  ) as EstimateColumns;
}

/** Makes every row agree that is noted as stale; returns the boards that changed. */
async function refreshStale(db: PrismaClient): Promise<Board[]> {
  return db.$transaction(
    async (tx) => {
      await lock(tx, "stale board rows"); // one at a time, whichever process it is
      const stale = await tx.$queryRaw<Rows[]>`
        WITH taken AS (DELETE FROM stale_board_row RETURNING benchmark_id, division, variant, policy_id)
        SELECT benchmark_id::text AS "benchmarkId", division::text AS division, variant, array_agg(DISTINCT policy_id::text) AS "policyIds"
        FROM taken GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
      await refreshBoards(tx, stale);
      return [
        ...new Map(
          stale.map(({ benchmarkId, division }) => [`${benchmarkId}/${division}`, { benchmarkId, division }]),
        ).values(),
      ];
    },
    { maxWait: 60_000, timeout: 600_000 },
  );
}

async function settle(db: PrismaClient): Promise<void> {
  for (const board of await refreshStale(db)) await rankBoard(db, board);
}

const settling = new WeakMap<PrismaClient, Turns<void>>();

function settlingOf(db: PrismaClient): Turns<void> {
  const turns =
    settling.get(db) ??
    new Turns(
      () => settle(db).catch((error: unknown) => console.error("Bringing boards up to date:", error)),
      restAfter,
    );
  settling.set(db, turns);
  return turns;
}

/** Brings stale rows and their bands up to date. Never throws: what is left is noted, and the next pass has it. */
export const settleBoards = (db: PrismaClient): Promise<void> => settlingOf(db).ask();

/** Whether a pass would begin at once. */
export const boardsRest = (db: PrismaClient): boolean => settlingOf(db).free;

/**
 * Milliseconds of pause after work: hardly any after 10 ms, five times as long after 250 ms, so that a large board
 * leaves time for everything else.
 */
const restAfter = (workMs: number): number => Math.min(30_000, workMs * Math.min(5, workMs / 50));

interface Board {
  benchmarkId: string;
  division: Division;
}

/**
 * Rank bands of a whole board, and each row's paired difference to its leader. The cost grows
 * with the square of its methods; other work of this process goes on meanwhile.
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
      const leader = entries[0]!; // of those with the most seeds, the highest mean
      const bands = await inPauses(rankBandsInParts(entries));
      const ranks = rows.map(({ id }, index) => ({
        id,
        first: bands[index]!.from,
        last: bands[index]!.to,
        ...(index > 0 && gap(entries[index]!, leader)),
      }));
      const changed = await tx.$executeRaw`
        UPDATE board_row AS old SET band_first = new.first, band_last = new.last, gap_mean = new.mean, gap_low = new.low, gap_high = new.high
        FROM jsonb_to_recordset(${JSON.stringify(ranks)}::jsonb) AS new(id uuid, first int, last int, mean float8, low float8, high float8)
        WHERE old.id = new.id AND (old.band_first, old.band_last, old.gap_mean, old.gap_low, old.gap_high) IS DISTINCT FROM (new.first, new.last, new.mean, new.low, new.high)`;
      if (changed > 0) await noteRevisions(tx, [{ benchmarkId, division }]);
    },
    { maxWait: 60_000, timeout: 600_000 },
  );
}

/** Runs something made in parts to its end, with a pause for others after every 4 ms. */
async function inPauses<Result>(parts: Generator<void, Result>): Promise<Result> {
  for (let from = performance.now(); ; ) {
    const part = parts.next();
    if (part.done) return part.value;
    if (performance.now() - from < 4) continue;
    await new Promise((resolve) => setImmediate(resolve));
    from = performance.now();
  }
}

/** By `variant/policy id`. As JSON: a row for each seed takes ten times as long to read. */
const seedAccuracies: Record<
  Division,
  (tx: Database, benchmarkId: string) => Promise<{ method: string; seeds: number[]; accuracies: number[] }[]>
> = {
  open: (tx, benchmarkId) => tx.$queryRaw`
    SELECT variant || '/' || policy_id AS method, json_agg(seed) AS seeds, json_agg(accuracy) AS accuracies
    FROM (SELECT run.variant, score.policy_id, run.seed, avg(score.accuracy) AS accuracy
          FROM run JOIN run_score AS score ON score.run_id = run.id
          WHERE run.benchmark_id = ${benchmarkId}::uuid AND run.hidden_at IS NULL
          GROUP BY 1, 2, 3) AS each_seed
    GROUP BY variant, policy_id`,
  closed: (tx, benchmarkId) => tx.$queryRaw`
    SELECT trajectory.variant || '/' || score.policy_id AS method, json_agg(trajectory.number) AS seeds, json_agg(score.accuracy) AS accuracies
    FROM trajectory JOIN score ON score.trajectory_id = trajectory.id
    WHERE trajectory.benchmark_id = ${benchmarkId}::uuid AND trajectory.visibility = 'held_out' AND score.scorer_version = ${scorerVersion}
    GROUP BY 1`,
};

function gap(
  own: ReadonlyMap<number, number>,
  leader: ReadonlyMap<number, number>,
): { mean: number; low?: number; high?: number } | false {
  const shared = [...own.keys()].filter((seed) => leader.has(seed));
  if (shared.length === 0) return false;
  const { mean, interval } = pairedDifference(
    shared.map((seed) => own.get(seed)!),
    shared.map((seed) => leader.get(seed)!),
  );
  return { mean, ...interval };
}

const lock = (tx: Database, what: string) =>
  tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${what}, 0))::text`;

const ranking = new WeakMap<PrismaClient, Map<string, Turns<void>>>();

/**
 * Brings a board's bands up to date; all who ask while that is done wait for one more pass. Never throws: bands can be
 * made again.
 */
export function rankBoard(db: PrismaClient, board: Board): Promise<void> {
  const key = `${board.benchmarkId}/${board.division}`;
  const boards = ranking.get(db) ?? new Map<string, Turns<void>>();
  ranking.set(db, boards);
  const turns =
    boards.get(key) ??
    new Turns(() => rank(db, board).catch((error: unknown) => console.error(`Ranking ${key}:`, error)));
  boards.set(key, turns);
  return turns.ask();
}
