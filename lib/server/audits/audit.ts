/** Trains a published run again, compares, and says so: on the run, on its board, in the log. */
import "server-only";
import { parsePolicy } from "@/lib/dmbn/policy";
import type { AuditFinding } from "@/lib/leaderboard";
import { auditFinding, auditInWords, benchmarks, firstStepsAgain, hasPassed, trainedAgain } from "@/lib/leaderboard";
import type { Manifest, RunRecord, Variant } from "@/lib/records";
import { DMBENCH_VERSION } from "@/lib/records";
import type { Prisma, PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { getIntact } from "../artifacts";
import { refreshBoards } from "../boards/refresh";
import type { Database } from "../database/client";
import { runTitle } from "../moderation/moderate";
import { notify } from "../notices/notify";
import { predictionsIn } from "../runs/predictions-file";
import type { Scorer } from "../scoring/scorer";
import { followRun } from "../weights/follow";
import { auditSetAside, deviceOf } from "./devices";
import { failRun } from "./fail-run";
import { spreadsOf } from "./spread";

export interface AuditParts {
  db: PrismaClient;
  store: ArtifactStore;
  scorer: Scorer;
}

const columns = {
  id: true,
  benchmarkId: true,
  benchmark: { select: { slug: true, version: true, title: true } },
  userId: true,
  variant: true,
  seed: true,
  manifest: true,
  curves: true,
  predictionsKey: true,
  predictionsHash: true,
  hiddenAt: true,
  ticketId: true,
  scores: {
    orderBy: { method: "asc" },
    select: { method: true, accuracy: true, policyId: true, policy: { select: { document: true, issues: true } } },
  },
} satisfies Prisma.RunSelect;

type AuditedRun = Prisma.RunGetPayload<{ select: typeof columns }>;

/**
 * Audits a run, once more if it was audited before; nothing happens to one that is hidden.
 * @throws ScoringError
 */
export async function auditRun(runId: string, parts: AuditParts): Promise<void> {
  const { db, store, scorer } = parts;
  const run = await db.run.findUnique({ where: { id: runId }, select: columns });
  if (!run?.benchmark || run.hiddenAt !== null) return;
  const file = await getIntact(store, { key: run.predictionsKey, hash: run.predictionsHash });
  if (!file) throw new Error("The run's predictions are gone.");
  const published = predictionsIn(file);
  const readable = run.scores.filter(({ policy }) => policy.issues === null);
  const manifest = run.manifest as unknown as Manifest; // parsed when it was stored
  const trained = await scorer.audit({
    recipe: manifest.recipe,
    variant: run.variant as Variant,
    seed: Number(run.seed),
    policies: readable.map(({ method, policy }) => ({ slug: method, document: parsePolicy(policy.document) })),
  });
  const sameSoftware = manifest.software.dmbench === DMBENCH_VERSION;
  const finding =
    "diverged" in trained
      ? divergedFinding(trained.diverged, sameSoftware)
      : auditFinding(
          {
            predictions: new Map(readable.map(({ method }) => [method, published.get(method)!])),
            losses: (run.curves as unknown as RunRecord["curves"]).loss,
          },
          {
            predictions: new Map(readable.map(({ method }, index) => [method, trained.predictions[index]!])),
            losses: trained.losses,
          },
          {
            bound: boundOf(run.benchmark),
            spreads: await spreadsOf(db, { ...run, benchmarkId: run.benchmarkId! }),
            copyOf: await originalOf(db, run),
            sameSoftware,
          },
        );
  await conclude(db, run, finding, trained.seconds);
}

/** Of a run that was published whole, and diverges when it is trained again. */
const divergedFinding = (reason: string, sameSoftware: boolean): AuditFinding => ({
  outcome: sameSoftware ? "differs" : "unknown",
  predictions: 0,
  differing: 0,
  methods: [],
  reason: `Trained again it diverges: ${reason}.`,
});

/** How much honest runs of a benchmark differ; null where rounding changes all of a run. */
const boundOf = ({ slug, version }: { slug: string; version: number }): number | null =>
  benchmarks.find((known) => known.slug === slug && known.version === version)?.auditBound ?? null;

/** The seed of another run of the benchmark whose predictions are the same in every method; null if there is none. */
async function originalOf(db: Database, { id, benchmarkId, seed }: AuditedRun): Promise<number | null> {
  const [original] = await db.$queryRaw<{ seed: bigint }[]>`
    SELECT other.seed FROM run_score AS mine
    JOIN run_score AS theirs ON theirs.predictions_hash = mine.predictions_hash AND theirs.policy_id = mine.policy_id
    JOIN run AS other ON other.id = theirs.run_id
    WHERE mine.run_id = ${id}::uuid AND other.id <> mine.run_id AND other.benchmark_id = ${benchmarkId}::uuid
      AND other.seed <> ${seed}
    GROUP BY other.id HAVING count(*) = (SELECT count(*) FROM run_score WHERE run_id = ${id}::uuid)
    LIMIT 1`;
  return original ? Number(original.seed) : null;
}

const tierOf = { same: trainedAgain, within: trainedAgain, alike: firstStepsAgain } as const;

async function conclude(db: PrismaClient, run: AuditedRun, finding: AuditFinding, seconds: number): Promise<void> {
  const { outcome, predictions, differing, methods, reason } = finding;
  const passed = hasPassed(outcome);
  await db.$transaction(async (tx) => {
    const flagId =
      outcome === "differs"
        ? await failRun(tx, run.id, {
            flagged: `Trained again by the server. ${reason}`,
            logged: `${capitalize(auditInWords(finding))}. ${reason}`,
          })
        : null;
    await tx.audit.create({
      data: {
        runId: run.id,
        outcome,
        predictions,
        differing,
        methods: methods as unknown as Prisma.InputJsonValue,
        reason,
        seconds,
        flagId,
      },
    });
    await tx.run.update({
      where: { id: run.id },
      // What can't be told is in no mean either: one such run would keep its methods from leading for ever.
      data: passed ? { tier: tierOf[outcome], ...((await mayCount(tx, run)) && { ranks: true }) } : { ranks: false },
    });
    if (outcome === "differs") await auditSetAside(tx, deviceOf(run.manifest as unknown as Manifest));
    await followRun(tx, run.id);
    // Whoever lends a machine has hundreds of runs: of those that passed, one notice at a time.
    const isTold =
      passed &&
      run.userId !== null &&
      (await tx.notice.count({ where: { userId: run.userId, kind: "audited", readAt: null } })) > 0;
    if (!isTold)
      await notify(tx, [
        {
          userId: run.userId,
          kind: "audited",
          title: runTitle(run),
          href: `/runs/${run.id}`,
          text: [`${capitalize(auditInWords(finding))}.`, outcome === "same" ? "" : reason].join(" ").trim(),
        },
      ]);
    await refreshBoards(tx, [
      {
        benchmarkId: run.benchmarkId!,
        division: "open",
        variant: run.variant,
        policyIds: run.scores.map(({ policyId }) => policyId),
      },
    ]);
  });
}

/** Whether a run counts once it has passed: its seed is a board's, and nobody flagged it. */
const mayCount = async (tx: Database, { id, ticketId }: AuditedRun): Promise<boolean> =>
  ticketId !== null &&
  (await tx.flag.count({ where: { subject: "run", subjectId: id, state: { in: ["open", "upheld"] } } })) === 0;

export const capitalize = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
