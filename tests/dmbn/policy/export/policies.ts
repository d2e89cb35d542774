/** The policies whose programs are run: every built-in one, and variations that together use every setting. */
import fc from "fast-check";
import type { MomentumPolicy, VarianceEstimator } from "@/lib/dmbn/policy";
import { builtInPolicies, recalibrate, schedule, select } from "@/lib/dmbn/policy";

const handWritten: readonly MomentumPolicy[] = [
  schedule("0.9", { initial: { mean: 1, variance: 2 }, variance: "total" }),
  schedule("0.9", { debias: true }),
  schedule("min(0.99, step / steps)", { varianceMomentum: "clamp(layer / layers, 0, 0.5)" }),
  schedule("learningRate * batchSize / channels", {
    varianceMomentum: "0.5",
    debias: true,
    initial: { mean: 0, variance: 0 },
  }),
  select({
    order: "independent",
    granularity: "channel",
    parameters: "separate",
    variance: "total",
    every: 2,
    candidates: ["step > 3 && epoch < 2 ? 0.9 : 0.5", "1 / batchSize"],
  }),
  select({ by: "drift", parameters: "separate", variance: "total" }),
  select({ estimators: ["unbiased", "biased", "total"], candidates: ["0.5", "0.9", "1 - 1 / step"] }),
  select({ estimators: ["unbiased", "total"], granularity: "channel", candidates: ["0.5", "0.9"] }),
  ...(["loss", "accuracy"] as const).flatMap((by) => [
    select({ by, candidates: ["0", "0.5", "0.9", "1 - 1 / step"] }),
    select({ by, granularity: "network", estimators: ["biased", "total"], candidates: ["0", "0.5", "0.9"] }),
  ]),
  recalibrate({ correction: { by: "loss" } }),
  recalibrate({ samples: 32, correction: { by: "loss", shifts: [0, 0.5], scales: [0.5, 1, 2] } }),
  recalibrate({ samples: 5000 }),
];

/** Rules with values in [0, 1), also at the first step; together they read every variable. */
const rules = [
  "0.7",
  "1 - 1 / (1 + step)",
  "step / (2 * steps)",
  "0.9 * epoch / epochs",
  "(1 + layer) / (1 + layers)",
  "1 - 1 / channels",
  "1 - 1 / batchSize",
  "0.5 + learningRate",
  "layer == 1 && step % 3 != 0 ? 0.9 : 1 - 0.5 ^ (1 + epoch)",
  "clamp(round(step / 10) / channels, 0.1, 0.95)",
];
const rule = fc.constantFrom(...rules);
const variances: readonly VarianceEstimator[] = ["unbiased", "biased", "total"];
const variance = fc.constantFrom(...variances);

const randomSchedule = fc
  .record({
    momentum: rule,
    varianceMomentum: fc.option(rule),
    start: fc.constantFrom({ debias: true }, {}, { initial: { mean: -0.5, variance: 3 } }),
    variance,
  })
  .map(({ momentum, start, ...rest }) => schedule(momentum, { ...rest, ...start }));

const randomSelection = fc
  .record({
    candidates: fc.uniqueArray(rule, { minLength: 2, maxLength: 5 }),
    granularity: fc.constantFrom("layer" as const, "channel" as const),
    order: fc.constantFrom("sequential" as const, "independent" as const),
    parameters: fc.constantFrom("joint" as const, "separate" as const),
    variance,
  })
  .map(select);

const closedForms = variances.flatMap((kind) =>
  (["joint", "separate"] as const).map((parameters) => select({ by: "drift", parameters, variance: kind })),
);

const inBatches = (["mean", "pooled"] as const).flatMap((variance) => [
  recalibrate({ batches: { size: 8, variance } }),
  recalibrate({ batches: { size: 16, count: 2, variance } }),
]);

const corrections = [
  recalibrate({ correction: { by: "constants", shift: -0.2, scale: 1.25 } }),
  recalibrate({ samples: 16, correction: { by: "small-batch" } }),
  recalibrate({ correction: { by: "small-batch" } }),
];

/** A policy and its name: the slug, or the document. */
interface NamedPolicy {
  name: string;
  policy: MomentumPolicy;
}

const policies: readonly NamedPolicy[] = [
  ...builtInPolicies.map(({ slug, document }) => ({ name: slug, policy: document })),
  ...[
    ...handWritten,
    ...rules.map((momentum) => schedule(momentum)),
    ...fc.sample(randomSchedule, { seed: 3, numRuns: 30 }),
    ...fc.sample(randomSelection, { seed: 4, numRuns: 30 }),
    ...closedForms,
    recalibrate({ samples: 16 }),
    ...inBatches,
    ...corrections,
  ].map((policy) => ({ name: JSON.stringify(policy), policy })),
];

/** The policies with distinct programs in one language; of equal programs the first. */
export function distinctIn(translate: (policy: MomentumPolicy) => { code: string }): NamedPolicy[] {
  const byCode = new Map<string, NamedPolicy>();
  for (const named of policies) {
    const { code } = translate(named.policy);
    if (!byCode.has(code)) byCode.set(code, named);
  }
  return [...byCode.values()];
}
