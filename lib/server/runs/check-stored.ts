/**
 * Checks runs that were stored under earlier rules. A run that contradicts today's is shown with what it contradicts,
 * and ranks nowhere.
 */
import "server-only";
import { policySchema } from "@/lib/dmbn/policy";
import { recordRefusals, rulesVersion } from "@/lib/leaderboard";
import type { Issue } from "@/lib/records";
import { issuesOf, runRecordSchema } from "@/lib/records";
import { runFacts } from "@/lib/training";
import type { Prisma, PrismaClient } from "@/prisma/generated/client";

/** Runs read at once. */
const BATCH = 200;

/** The most issues that are stored for a run: enough to see what is wrong with it. */
const MOST_ISSUES = 20;

/**
 * Checks every run that was last checked against other rules, and marks board rows stale whose runs begin or cease to
 * rank.
 * @returns how many of them contradict the rules
 */
export async function checkStoredRuns(db: PrismaClient): Promise<{ checked: number; contradicting: number }> {
  const total = { checked: 0, contradicting: 0 };
  for (;;) {
    const runs = await db.run.findMany({
      where: { rulesVersion: { not: rulesVersion } },
      orderBy: { id: "asc" },
      take: BATCH,
      select: columns,
    });
    if (runs.length === 0) return total;
    const outcomes = runs.map((run) => ({ id: run.id, issues: contradictions(run) }));
    await db.$executeRaw`
      WITH checked AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) AS one(id uuid, issues jsonb)
      ), changed AS (
        SELECT run.id, run.benchmark_id, run.variant FROM run JOIN checked ON checked.id = run.id
        WHERE (run.issues IS NULL) <> (checked.issues IS NULL)
      ), marked AS (
        INSERT INTO stale_board_row (benchmark_id, division, variant, policy_id)
        SELECT DISTINCT benchmark_id, 'open'::division, variant, policy_id
        FROM changed JOIN run_score ON run_id = changed.id WHERE benchmark_id IS NOT NULL
      )
      UPDATE run SET rules_version = ${rulesVersion}, issues = checked.issues FROM checked WHERE checked.id = run.id`;
    total.checked += runs.length;
    total.contradicting += outcomes.filter(({ issues }) => issues).length;
  }
}

const columns = {
  id: true,
  benchmark: { select: { slug: true, version: true } },
  manifest: true,
  curves: true,
  timings: true,
  scores: {
    orderBy: { method: "asc" },
    omit: { id: true, runId: true, policyId: true, correct: true, predictionsHash: true },
    include: { policy: { select: { slug: true, hash: true, document: true } } },
  },
} satisfies Prisma.RunSelect;

type StoredRun = Prisma.RunGetPayload<{ select: typeof columns }>;

/** Where a stored run contradicts the rules; null if it agrees with them. */
function contradictions({ benchmark, manifest, curves, timings, scores }: StoredRun): Issue[] | null {
  const stored = {
    benchmark,
    manifest,
    curves,
    timings,
    scores: scores.map(({ policy: { slug, hash }, esmLayers, esm: _, ...score }) => ({
      ...score,
      variant: score.method.slice(0, score.method.indexOf("/")),
      policy: { slug, hash },
      esm: esmLayers,
    })),
  };
  const parsed = runRecordSchema.safeParse(stored);
  const issues = parsed.success
    ? recordRefusals(parsed.data, {
        policies: readable(scores),
        run: runFacts(parsed.data.manifest.recipe, parsed.data.manifest.variant),
      })
    : issuesOf(parsed.error, stored).map((issue) => ({ ...issue, field: `record.${issue.field}` }));
  return issues.length === 0
    ? null
    : issues.slice(0, MOST_ISSUES).map(({ field, expected, found, remedy }) => ({ field, expected, found, remedy }));
}

/** The policies whose documents can be read. */
const readable = (scores: StoredRun["scores"]) =>
  new Map(
    scores.flatMap(({ policy: { slug, hash, document } }) => {
      const parsed = policySchema.safeParse(document);
      return parsed.success ? [[slug, { hash, document: parsed.data }] as const] : [];
    }),
  );
