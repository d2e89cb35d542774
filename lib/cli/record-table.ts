/** A run record as a text table. */
import type { RunRecord, ScoreRecord } from "@/lib/records";
import { figures, metricsIn, recordedMetrics, totalShift } from "@/lib/records";
import { table } from "./table";
import { duration } from "./terminal";

/** Print at most this many layers one by one. */
const LAYERS = 6;

/** One line per method, the best accuracy first. A * marks a layer whose choice is at the edge of its candidates. */
export function recordTable({ benchmark, manifest, scores, timings }: RunRecord): string {
  const { recipe, dataset, variant, seed, steps, parameters, batchNormChannels } = manifest;
  const { trainingSeconds, imagesPerSecond, scoringSeconds } = timings;
  const metrics = metricsIn(scores, recordedMetrics);
  const rows = [...scores]
    .sort((a, b) => b.accuracy - a.accuracy)
    .map((score) => [
      score.method,
      ...metrics.map((metric) => score[metric]?.toFixed(4) ?? "–"),
      totalShift(score.esm).toPrecision(3),
      momenta(score),
    ]);
  const data = `${dataset.slug}${dataset.subset ? ` (a subset: ${dataset.subset})` : ""}`;
  const model = `${recipe.model}${recipe.width === 1 ? "" : ` × ${recipe.width}`}`;
  const ofBenchmark = benchmark ? `, benchmark ${benchmark.slug} v${benchmark.version}` : "";
  return [
    `${data}, ${model}, ${variant}, seed ${seed}, ${steps} steps of ${recipe.batchSize}${ofBenchmark}\n`,
    `${parameters} parameters, ${batchNormChannels} batch-norm channels; `,
    `trained in ${duration(trainingSeconds)} (${Math.round(imagesPerSecond)} images/s), `,
    `scored in ${duration(scoringSeconds)}\n\n`,
    table(["method", ...metrics.map((metric) => figures[metric].head), "ESM", "β per layer"], rows),
  ].join("");
}

function momenta({ momentumPerLayer, edgeOfGrid, esm }: ScoreRecord): string {
  const distinct = [...new Set(momentumPerLayer)];
  if (distinct.length === 0 || (distinct.length === 1 && distinct[0] === null)) return "–";
  if (distinct.length === 1 && edgeOfGrid.length === 0) return printed(distinct[0]!);
  const all = momentumPerLayer.map(
    (momentum, layer) => printed(momentum) + (edgeOfGrid.includes(esm[layer]!.layer) ? "*" : ""),
  );
  return all.length <= LAYERS ? all.join(" ") : `${all.slice(0, LAYERS).join(" ")} … (${all.length} layers)`;
}

/** A momentum as text. Computed ones have more digits than anybody reads. */
export const printed = (momentum: number | string | null): string =>
  momentum === null
    ? "–"
    : typeof momentum === "number"
      ? String(Number(momentum.toPrecision(5)))
      : momentum.replaceAll(" ", "");
