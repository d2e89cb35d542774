/** Scores the methods of a published run on the weights and the trace that came with it, and compares. */
import "server-only";
import { isPeriodic, parsePolicy } from "@/lib/dmbn/policy";
import type { MethodOnRun, WeightsFinding } from "@/lib/leaderboard";
import { trainedAgain, weightsFinding, weightsInWords, weightsReEvaluated } from "@/lib/leaderboard";
import type { Manifest } from "@/lib/records";
import { DMBENCH_VERSION, totalShift } from "@/lib/records";
import { trajectoryFault } from "@/lib/training";
import type { Prisma } from "@/prisma/generated/client";
import { getIntact } from "../artifacts";
import type { AuditParts } from "../audits/audit";
import { capitalize } from "../audits/audit";
import { failRun } from "../audits/fail-run";
import { refreshBoards } from "../boards/refresh";
import { runTitle } from "../moderation/moderate";
import { notify } from "../notices/notify";
import { predictionsIn } from "../runs/predictions-file";
import { followRun } from "./follow";

const columns = {
  id: true,
  benchmarkId: true,
  benchmark: { select: { title: true } },
  userId: true,
  variant: true,
  seed: true,
  tier: true,
  manifest: true,
  predictionsKey: true,
  predictionsHash: true,
  hiddenAt: true,
  weights: true,
  scores: {
    orderBy: { method: "asc" },
    select: { method: true, esm: true, policyId: true, policy: { select: { document: true, issues: true } } },
  },
} satisfies Prisma.RunSelect;

type CheckedRun = Prisma.RunGetPayload<{ select: typeof columns }>;

/**
 * Checks the weights of a run, unless they were checked or the run is hidden.
 * @throws ScoringError
 */
export async function checkWeights(runId: string, { db, store, scorer }: AuditParts): Promise<void> {
  const run = await db.run.findUnique({ where: { id: runId }, select: columns });
  if (!run?.weights || run.weights.checkedAt || run.hiddenAt !== null || !run.benchmarkId) return;
  const { artifactKey: key, artifactHash: hash } = run.weights;
  const [file, predictions] = await Promise.all([
    getIntact(store, { key, hash }),
    getIntact(store, { key: run.predictionsKey, hash: run.predictionsHash }),
  ]);
  if (!file || !predictions) throw new Error("The run's weights or predictions are gone.");
  const begin = performance.now();
  const manifest = run.manifest as unknown as Manifest; // parsed when it was stored
  const fault = trajectoryFault(file, manifest);
  const finding = fault
    ? ({ outcome: "refused", predictions: 0, differing: 0, reason: fault } satisfies WeightsFinding)
    : weightsFinding(publishedMethods(run, predictions), await methodsOn(run, file), {
        sameSoftware: manifest.software.dmbench === DMBENCH_VERSION,
      });
  await conclude(run, finding, (performance.now() - begin) / 1000, db);

  /** The methods that can be scored on weights and trace, as these give them. */
  async function methodsOn({ scores }: CheckedRun, bytes: Uint8Array): Promise<Map<string, MethodOnRun>> {
    const replayable = scores
      .filter(({ policy }) => policy.issues === null)
      .map(({ method, policy }) => ({ method, document: parsePolicy(policy.document) }))
      .filter(({ document }) => !isPeriodic(document));
    const scorings = await scorer.score(
      { hash, read: async () => bytes },
      replayable.map(({ document }) => document),
    );
    return new Map(
      scorings.flatMap((scoring, index): [string, MethodOnRun][] =>
        "figures" in scoring
          ? [
              [
                replayable[index]!.method,
                { predictions: scoring.figures.predictions, shift: totalShift(scoring.figures.esm) },
              ],
            ]
          : [],
      ),
    );
  }
}

function publishedMethods({ scores }: CheckedRun, file: Uint8Array): Map<string, MethodOnRun> {
  const shifts = new Map(scores.map(({ method, esm }) => [method, esm]));
  return new Map(
    [...predictionsIn(file)].map(([method, predictions]) => [
      method,
      { predictions, shift: shifts.get(method) ?? Number.NaN },
    ]),
  );
}

async function conclude(
  run: CheckedRun,
  finding: WeightsFinding,
  seconds: number,
  db: AuditParts["db"],
): Promise<void> {
  const { outcome, predictions, differing, reason } = finding;
  const [isSound, fails] = [
    outcome === "same" || outcome === "within",
    outcome === "differs" && run.tier < trainedAgain,
  ];
  await db.$transaction(async (tx) => {
    const flagId = fails
      ? await failRun(tx, run.id, {
          flagged: `Its weights, evaluated by the server. ${reason}`,
          logged: `Its weights give other figures. ${reason}`,
        })
      : null;
    await tx.runWeights.update({
      where: { runId: run.id },
      data: { outcome, predictions, differing, reason, seconds, flagId, checkedAt: new Date() },
    });
    if (isSound)
      await tx.run.updateMany({
        where: { id: run.id, tier: { lt: weightsReEvaluated } },
        data: { tier: weightsReEvaluated },
      });
    await followRun(tx, run.id);
    if (!isSound)
      await notify(tx, [
        {
          userId: run.userId,
          kind: "audited",
          title: runTitle(run),
          href: `/runs/${run.id}`,
          text: `${capitalize(weightsInWords(finding))}. ${reason}`,
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
