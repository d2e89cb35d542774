/** One cell of a study: a regime, a variant and a seed, trained and scored. */
import type { Dataset } from "@/lib/datasets";
import { type BuiltInPolicy, builtInPolicies, needsTrace, staticSweep } from "@/lib/dmbn";
import type { BackendChoice } from "@/lib/runtime";
import { bestOnValidation, keepsTrace, planRun, recordOf } from "@/lib/training";
import type { Variant } from "@/lib/training/recipe";
import { type StudyCell, studyCellSchema } from "@/lib/training/study-record";
import { conduct, type ConductOptions, examplesOf } from "../conduct";
import { benchmarkOf } from "../recipes";
import type { Regime } from "./suites";

export interface CellSettings {
  regime: Regime;
  variant: Variant;
  seed: number;
  settingsHash: string;
}

/** The regime's policies, in its order. */
export const policiesOf = ({ policies }: Regime): BuiltInPolicy[] => policies.map((slug) => builtInPolicies.find((policy) => policy.slug === slug)!);

export async function runCell({ regime, variant, seed, settingsHash }: CellSettings, dataset: Dataset, backend: BackendChoice, options: Pick<ConductOptions, "now" | "signal" | "onProgress">): Promise<StudyCell> {
  const plan = planRun({ recipe: regime.recipe, variant, seed, dataset });
  const policies = policiesOf(regime).filter(({ document }) => keepsTrace(plan) || !needsTrace(document));
  const conducted = await conduct(plan, { ...options, policies });
  try {
    const statics = policies.flatMap(({ slug }, index) => (staticSweep.includes(slug) ? [{ slug, fit: conducted.scored[index]!.fit }] : []));
    const { best, accuracies } = await bestOnValidation(conducted.run.network, examplesOf(plan).validation, statics.map(({ fit }) => fit));
    const { name, adapter, reason, threads } = backend;
    const { record } = recordOf({
      ...conducted,
      benchmark: benchmarkOf(regime.recipe),
      policies,
      backend: { name, adapter: adapter.slice(0, 256), reason: reason.slice(0, 512), threads },
      platform: `node ${process.versions.node}`,
    });
    const last = conducted.losses.slice(-16);
    return studyCellSchema.parse(
      shortened({
        regime: regime.slug,
        settingsHash,
        benchmark: record.benchmark,
        manifest: record.manifest,
        bestStatic: { policy: statics[best]!.slug, validationAccuracy: accuracies[best]! },
        scores: record.scores.map(({ confusionMatrix: _, ...score }) => score),
        finalLoss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
        timings: record.timings,
      }),
    );
  } finally {
    conducted.run.dispose();
  }
}

/** Numbers to seven digits: what is beyond differs between machines. */
const shortened = (cell: unknown): unknown => JSON.parse(JSON.stringify(cell, (_, value: unknown) => (typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(7)) : value)));
