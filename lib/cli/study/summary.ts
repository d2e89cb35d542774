/**
 * Summary of a study's cells: means over seeds, paired differences, and how often a method is better, tied or worse.
 * Pure: the order in which cells finished doesn't matter.
 */
import { meanInterval, pairedDifference, verdict } from "@/lib/evaluation";
import type { MethodSummary, RegimeSummary, StudyCell, StudySummary, Variant } from "@/lib/records";
import { byMetric, recordedMetrics, variantNames } from "@/lib/records";

type CellScore = StudyCell["scores"][number];

/** The static momentum that validation chose, treated as a method of its own. */
const BEST_STATIC = "best-static";

/** Comparisons: of `subjects` with `baselines` on the same weights, then across variants. */
const subjects = [
  "dmbn",
  "dmbn-independent",
  "dmbn-per-channel",
  "dmbn-separate",
  "dmbn-biased",
  "dmbn-total",
  "closed-form",
];
const baselines = ["pytorch-default", "keras-default", BEST_STATIC, "precise-bn"];
const acrossVariants = [
  { method: "bn/dmbn", against: "bn-bfn/pytorch-default" },
  { method: "bn/dmbn", against: "bn-bfn/dmbn" },
];

/** @param statics slugs of the static sweep */
export function summarizeStudy(cells: readonly StudyCell[], statics: readonly string[]): StudySummary {
  const regimes = grouped(cells, ({ regime }) => regime).map((group) => summarizeRegime(group, statics));
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
  return { regimes, tally };
}

function summarizeRegime(cells: readonly StudyCell[], statics: readonly string[]): RegimeSummary {
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
      subjects.flatMap((subject) =>
        baselines.map((baseline) => ({ method: `${variant}/${subject}`, against: `${variant}/${baseline}` })),
      ),
    ),
    ...acrossVariants,
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
    oracleByTest: variants.flatMap((variant) => oracle(variant, methods, statics)),
    comparisons: pairs.flatMap(({ method, against }) => compare(method, against, methods)),
  };
}

function scoresWithBestStatic({ scores, bestStatic }: StudyCell): [policy: string, score: CellScore][] {
  const best = scores.find(({ policy }) => policy.slug === bestStatic.policy);
  return [
    ...scores.map((score): [string, CellScore] => [score.policy.slug, score]),
    ...(best ? [[BEST_STATIC, best] as [string, CellScore]] : []),
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

function oracle(
  variant: Variant,
  methods: ReadonlyMap<string, ReadonlyMap<number, CellScore>>,
  statics: readonly string[],
): RegimeSummary["oracleByTest"] {
  const means = statics.flatMap((policy) => {
    const scores = methods.get(`${variant}/${policy}`);
    return scores
      ? [{ variant, policy, accuracy: meanInterval([...scores.values()].map(({ accuracy }) => accuracy)).mean }]
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
  return [{ method, against, difference, verdict: verdict(difference) }];
}

/** Groups in the order of their first member. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}
