/**
 * The rows of the Open board, made again from the runs behind them whenever
 * one is added or hidden.
 */
import "server-only";
import { estimateOverSeeds, metricNames } from "@/lib/leaderboard";
import type { MetricName, SeedMeans } from "@/lib/leaderboard";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "./db";

interface Rows {
  benchmarkId: string;
  variant: string;
  policyIds: readonly string[];
}

/**
 * Makes the rows of some policies on one board agree with its runs. Inside a
 * transaction, after the change: others who change the same board and variant
 * wait for its end, so no run is left out.
 */
export async function refreshBoardRows(tx: Database, { benchmarkId, variant, policyIds }: Rows): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${benchmarkId}/${variant}`}, 0))::text`;
  const seeds = await seedRows(tx, { benchmarkId, variant, policyIds });
  const key = { benchmarkId, division: "open" as const, variant };
  await tx.boardRow.deleteMany({ where: { ...key, policyId: { in: [...policyIds] } } });
  const rows = policyIds.flatMap((policyId) => {
    const own = seeds.filter((row) => row.policyId === policyId);
    if (!own.length) return [];
    const tier = Math.min(...own.map((row) => row.tier));
    const runs = own.reduce((total, row) => total + row.runs, 0);
    return [{ ...key, policyId, tier, runs, n: own.length, ...estimateColumns(own) }];
  });
  await tx.boardRow.createMany({ data: rows });
}

type SeedRow = SeedMeans & { policyId: string; tier: number; runs: number };

/** What the visible runs of each seed scored, on average. */
function seedRows(tx: Database, { benchmarkId, variant, policyIds }: Rows): Promise<SeedRow[]> {
  return tx.$queryRaw<SeedRow[]>`
    SELECT score.policy_id::text AS "policyId", min(run.tier)::int AS tier, count(*)::int AS runs,
           avg(score.accuracy) AS accuracy, avg(score.sensitivity) AS sensitivity, avg(score.specificity) AS specificity,
           avg(score.f_score) AS "fScore", avg(score.esm) AS esm
    FROM run JOIN run_score AS score ON score.run_id = run.id
    WHERE run.benchmark_id = ${benchmarkId}::uuid AND run.variant = ${variant} AND run.hidden_at IS NULL
      AND score.policy_id IN (${Prisma.join(policyIds.map((id) => Prisma.sql`${id}::uuid`))})
    GROUP BY score.policy_id, run.seed
    ORDER BY score.policy_id, run.seed`;
}

type EstimateColumns = Record<`${MetricName}Mean`, number> & Record<`${MetricName}${"Deviation" | "Low" | "High"}`, number | null>;

function estimateColumns(seeds: readonly SeedMeans[]): EstimateColumns {
  const estimates = estimateOverSeeds(seeds);
  return Object.fromEntries(
    metricNames.flatMap((metric) => {
      const { mean, deviation, low, high } = estimates[metric];
      return [[`${metric}Mean`, mean], [`${metric}Deviation`, deviation], [`${metric}Low`, low], [`${metric}High`, high]];
    }),
  ) as EstimateColumns;
}
