/**
 * Summary of a study's cells: means over seeds, paired differences, and how often a method is better, tied or worse.
 * Pure: the order in which cells finished doesn't matter.
 */
import type { VarianceEstimator } from "@/lib/dmbn/policy";
import { holm, meanInterval, pairedDifference, verdict } from "@/lib/evaluation";
import { dmbnReadings, staticReadings, staticSlug, varianceEstimators } from "@/lib/leaderboard";
import type { MethodSummary, RegimeSummary, StudyCell, StudySummary, Variant } from "@/lib/records";
import { bestStaticSlug, byMetric, recordedMetrics, variantNames } from "@/lib/records";
import { rounded } from "./rounded";

type CellScore = StudyCell["scores"][number];
type Comparison = RegimeSummary["comparisons"][number];

/** Compared on the same weights: DMBN in its readings with static momenta of its estimator; recalibrations. */
const onSameWeights: readonly { policy: string; against: string }[] = [
  ...varianceEstimators.flatMap((variance) =>
    dmbnReadings(variance).flatMap(({ slug: policy }) =>
      [staticSlug("0.9", variance), staticSlug("0.99", variance), bestStaticSlug(variance), "precise-bn"].map(
        (against) => ({
          policy,
          against,
        }),
      ),
    ),
  ),
  ...["pytorch-default", "static-0.99", bestStaticSlug("unbiased"), "precise-bn"].map((against) => ({
    policy: "closed-form",
    against,
  })),
  ...["torch-update-bn", "fvcore-precise-bn"].map((policy) => ({ policy, against: "precise-bn" })),
  ...["precise-bn", bestStaticSlug("biased"), "dmbn-biased"].map((against) => ({
    policy: "small-batch-recalibration",
    against,
  })),
];

/** Compared over two networks: DMBN in all-BN with BN-BFN, within each estimator. */
const overNetworks = varianceEstimators.flatMap((variance) => {
  const dmbn = dmbnReadings(variance)[0]!.slug;
  return [staticSlug("0.9", variance), bestStaticSlug(variance), dmbn].map((against) => ({
    method: `bn/${dmbn}`,
    against: `bn-bfn/${against}`,
  }));
});

export function summarizeStudy(cells: readonly StudyCell[]): StudySummary {
  const regimes = adjusted(grouped(cells, ({ regime }) => regime).map(summarizeRegime));
  const verdicts = regimes.flatMap(({ comparisons }) => comparisons);
  const tally = grouped(verdicts, ({ method, against }) => `${method} ${against}`).map((group) => {
    const count = (wanted: string) => group.filter(({ verdict }) => verdict === wanted).length;
    return {
      method: group[0]!.method,
      against: group[0]!.against,
      better: count("better"),
      tie: count("tie"),
      worse: count("worse"),
      unresolved: count("unresolved"),
    };
  });
  return rounded({ regimes, tally }, 9);
}

/** Regimes whose verdicts are adjusted by Holm for how many regimes and variants answer the same question. */
function adjusted(regimes: readonly RegimeSummary[]): RegimeSummary[] {
  const pValues = new Map<Comparison, number>();
  const comparisons = regimes.flatMap(({ comparisons }) => comparisons);
  for (const family of grouped(comparisons, questionOf)) {
    const tested = family.filter(({ difference }) => difference.pValue !== null);
    const values = holm(tested.map(({ difference }) => difference.pValue!));
    for (const [index, comparison] of tested.entries()) pValues.set(comparison, values[index]!);
  }
  return regimes.map((regime) => ({
    ...regime,
    comparisons: regime.comparisons.map((comparison) => {
      const adjustedP = pValues.get(comparison) ?? null;
      return { ...comparison, adjustedP, verdict: verdict({ ...comparison.difference, pValue: adjustedP }) };
    }),
  }));
}

/** What a comparison asks: whether one policy beats another, on the same weights or over two networks. */
function questionOf({ method, against }: Comparison): string {
  const [[variant, policy], [other, baseline]] = [method.split("/"), against.split("/")];
  return `${policy} ${variant === other ? "" : other}${baseline}`;
}

function summarizeRegime(cells: readonly StudyCell[]): RegimeSummary {
  const { regime, manifest } = cells[0]!;
  const { recipe, dataset, steps } = manifest;
  const variants = variantNames.filter((variant) => cells.some((cell) => cell.manifest.variant === variant));
  // [method] → seed → score
  const methods = new Map<string, Map<number, CellScore>>();
  for (const cell of [...cells].sort((a, b) => a.manifest.seed - b.manifest.seed)) {
    for (const [policy, score] of scoresWithBestStatic(cell)) {
      const name = `${cell.manifest.variant}/${policy}`;
      methods.set(name, (methods.get(name) ?? new Map()).set(cell.manifest.seed, score));
    }
  }
  const names = [...methods.keys()].sort(
    (a, b) => variants.indexOf(a.split("/")[0] as Variant) - variants.indexOf(b.split("/")[0] as Variant),
  );
  const pairs = [
    ...variants.flatMap((variant) =>
      onSameWeights.map(({ policy, against }) => ({
        method: `${variant}/${policy}`,
        against: `${variant}/${against}`,
      })),
    ),
    ...overNetworks,
  ];
  return {
    regime,
    dataset: dataset.slug,
    subset: dataset.subset,
    model: recipe.model,
    width: recipe.width,
    batchSize: recipe.batchSize,
    steps,
    seeds: [...new Set(cells.map((cell) => cell.manifest.seed))].sort((a, b) => a - b),
    variants,
    methods: names.map((name) => summarizeMethod(name, [...methods.get(name)!.values()])),
    oracleByTest: variants.flatMap((variant) => varianceEstimators.flatMap((each) => oracle(variant, each, methods))),
    comparisons: pairs.flatMap(({ method, against }) => compare(method, against, methods)),
  };
}

/** Every score of a cell by its policy, and once more those that validation chose among the static momenta. */
export function scoresWithBestStatic({ scores, bestStatic }: StudyCell): [policy: string, score: CellScore][] {
  return [
    ...scores.map((score): [string, CellScore] => [score.policy.slug, score]),
    ...bestStatic.flatMap(({ variance, policy }): [string, CellScore][] => {
      const best = scores.find((score) => score.policy.slug === policy);
      return best ? [[bestStaticSlug(variance), best]] : [];
    }),
  ];
}

function summarizeMethod(method: string, scores: readonly CellScore[]): MethodSummary {
  const over = (value: (score: CellScore) => number) => meanInterval(scores.map(value));
  const shiftOf = ({ mean, std }: CellScore["esm"][number]) => mean + std;
  const layers = scores[0]!.esm.map(({ layer }) => layer);
  return {
    method,
    ...byMetric(recordedMetrics, (metric) => {
      const values = scores.map((score) => score[metric]).filter((value) => value !== null);
      return values.length > 0 ? meanInterval(values) : null;
    }),
    shift: over(({ esm }) => esm.reduce((sum, layer) => sum + shiftOf(layer), 0)),
    shiftPerLayer: layers.map((layer, index) => ({ layer, shift: over(({ esm }) => shiftOf(esm[index]!)).mean })),
    momentumPerLayer: layers.map((_, index) =>
      grouped(
        scores.map((score) => score.momentumPerLayer[index] ?? null),
        (momentum) => JSON.stringify(momentum),
      ).map((group) => ({ momentum: group[0]!, seeds: group.length })),
    ),
    edgeOfGrid: {
      onEdge: scores.reduce((sum, { edgeOfGrid }) => sum + edgeOfGrid.length, 0),
      of: layers.length * scores.length,
    },
  };
}

/** The best static momentum of an estimator by the test split, unless the variant has no batch norm to choose for. */
function oracle(
  variant: Variant,
  variance: VarianceEstimator,
  methods: ReadonlyMap<string, ReadonlyMap<number, CellScore>>,
): RegimeSummary["oracleByTest"] {
  const means = staticReadings(variance).flatMap(({ slug: policy }) => {
    const scores = [...(methods.get(`${variant}/${policy}`)?.values() ?? [])];
    return scores.some(({ esm }) => esm.length > 0)
      ? [{ variant, variance, policy, accuracy: meanInterval(scores.map(({ accuracy }) => accuracy)).mean }]
      : [];
  });
  return means.length === 0
    ? []
    : [means.reduce((best, candidate) => (candidate.accuracy > best.accuracy ? candidate : best))];
}

/** On the seeds that both have; empty if there are none. */
function compare(
  method: string,
  against: string,
  methods: ReadonlyMap<string, ReadonlyMap<number, CellScore>>,
): RegimeSummary["comparisons"] {
  const [first, second] = [methods.get(method), methods.get(against)];
  const seeds = [...(first?.keys() ?? [])].filter((seed) => second?.has(seed));
  if (seeds.length === 0) return [];
  const accuracies = (scores: ReadonlyMap<number, CellScore>) => seeds.map((seed) => scores.get(seed)!.accuracy);
  const difference = pairedDifference(accuracies(first!), accuracies(second!));
  return [{ method, against, difference, adjustedP: null, verdict: "unresolved" }];
}

/** Groups in the order of their first member. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}
