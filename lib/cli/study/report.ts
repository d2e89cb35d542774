/** The files of a study: JSON with the summary, CSV with a line per score, Markdown tables, SVG plots. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { csvOf, staticReadings, varianceEstimators } from "@/lib/leaderboard";
import type { MethodSummary, RegimeSummary, Study, StudyCell } from "@/lib/records";
import { figures, metricsIn, recordedMetrics, totalShift } from "@/lib/records";
import { prepareFolder, writeWhole } from "../output";
import { plotsOf } from "./plots";

/** Writes all files into `folder`; returns their paths. */
export async function writeStudy(folder: string, study: Study, cells: readonly StudyCell[]): Promise<string[]> {
  const files: [name: string, content: string | Uint8Array][] = [
    ["study.json", `${JSON.stringify(study)}\n`],
    ["study.csv.gz", gzipSync(studyCsv(cells))],
    ["study.md", studyMarkdown(study)],
    ...study.summary.regimes.flatMap((regime) =>
      plotsOf(regime).map(({ name, svg }): [string, string] => [join("plots", `${name}.svg`), svg]),
    ),
  ];
  await prepareFolder(join(folder, "plots"));
  for (const [name, content] of files) await writeWhole(join(folder, name), content);
  return files
    .slice(0, 3)
    .map(([name]) => join(folder, name))
    .concat(join(folder, "plots"));
}

/** One line per cell and policy. */
export function studyCsv(cells: readonly StudyCell[]): string {
  const metrics = metricsIn(
    cells.flatMap(({ scores }) => scores),
    recordedMetrics,
  );
  const head = [
    "regime",
    "dataset",
    "model",
    "variant",
    "seed",
    "policy",
    ...metrics.map((metric) => figures[metric].column),
    "shift",
    "momentum_per_layer",
    "layers_on_edge",
    "best_static_by_validation",
    "steps",
    "training_seconds",
  ];
  const rows = cells.flatMap(({ regime, manifest, scores, bestStatic, timings }) =>
    scores.map((score) => [
      regime,
      manifest.dataset.slug,
      manifest.recipe.model,
      manifest.variant,
      manifest.seed,
      score.policy.slug,
      ...metrics.map((metric) => score[metric] ?? ""),
      Number(totalShift(score.esm).toPrecision(6)),
      score.momentumPerLayer.map((momentum) => momentum ?? "").join(" | "),
      score.edgeOfGrid.length,
      bestStatic.some(({ policy }) => policy === score.policy.slug) ? 1 : 0,
      manifest.steps,
      timings.trainingSeconds,
    ]),
  );
  return csvOf([head, ...rows]);
}

/** The results as tables: DMBN against each baseline, then each regime method by method. */
export function studyMarkdown({
  command,
  suite,
  finishedAt,
  machine,
  jobs,
  planned,
  finished,
  software,
  backend,
  summary,
}: Study): string {
  const seeds = summary.regimes.reduce((most, regime) => Math.max(most, regime.seeds.length), 0);
  return [
    `# Study: ${suite}\n`,
    `\`${command}\``,
    `${finished === planned ? finished : `${finished} of ${planned}`} cells; dmbench ${software.dmbench}, TensorFlow.js ${software.tfjs}, Node ${machine.node}, ` +
      `${backend.name} (${backend.adapter}), ${jobs} at once; ${machine.processor}, ${machine.cores} cores, ` +
      `${machine.memoryGiB} GiB, ${machine.system}; ${finishedAt.slice(0, 10)}.\n`,
    "Mean ± standard deviation over seeds. β weighs the old value. " +
      "All policies of a variant and seed share one trained network, so their differences are paired exactly. " +
      "A tie: the whole 95 % interval of the difference lies within ±0.3 points. " +
      "“Better” and “worse” are by the t test, adjusted by Holm over all regimes and variants that ask the same. " +
      "On a balanced test set sensitivity equals accuracy, and specificity is 1 − (1 − accuracy)/(K − 1).",
    seeds <= 5
      ? `With ${seeds} seed${seeds === 1 ? "" : "s"} no sign-flip test can reach ` +
        `p < ${(2 ** (1 - seeds)).toPrecision(3)}; “better” and “worse” rest on the t test.\n`
      : "",
    "## DMBN against each baseline, over all regimes\n",
    markdownTable(
      ["method", "against", "better", "tie", "worse", "unresolved"],
      summary.tally.map(({ method, against, better, tie, worse, unresolved }) => [
        method,
        against,
        better,
        tie,
        worse,
        unresolved,
      ]),
    ),
    ...summary.regimes.flatMap(regimeMarkdown),
  ].join("\n");
}

function regimeMarkdown(regime: RegimeSummary): string[] {
  const { dataset, subset, model, width, batchSize, steps, seeds } = regime;
  const metrics = metricsIn(regime.methods, recordedMetrics);
  return [
    `\n## ${regime.regime}\n`,
    `${dataset}${subset ? ` (a subset: ${subset})` : ""}, ${model}${width === 1 ? "" : ` at width ${width}`}, ` +
      `${steps} steps of ${batchSize}, seeds ${seeds.join(", ")}.\n`,
    markdownTable(
      ["method", ...metrics.map((metric) => figures[metric].head), "shift", "on the edge of the grid"],
      regime.methods.map((method) => [
        labelOf(method.method),
        ...metrics.map((metric) => plusMinus(method[metric])),
        method.shift.mean.toPrecision(3),
        edge(method),
      ]),
    ),
    "",
    markdownTable(
      ["method", "against", "difference in points", "95 % interval", "p", "adjusted p", "verdict"],
      regime.comparisons.map(({ method, against, difference: { mean, interval, pValue }, adjustedP, verdict }) => [
        method,
        against,
        points(mean),
        interval ? `${points(interval.low)} to ${points(interval.high)}` : "–",
        pValue === null ? "–" : pValue.toPrecision(2),
        adjustedP === null ? "–" : adjustedP.toPrecision(2),
        verdict,
      ]),
    ),
    "",
    ...regime.oracleByTest.map(
      ({ variant, variance, policy, accuracy }) =>
        `Best static momentum by the test split, which nobody can choose (${variant}, ${variance}): ` +
        `${policy}, ${accuracy.toFixed(4)}.\n`,
    ),
    ...plotsOf(regime).map(({ name, title }) => `![${title}](plots/${name}.svg)`),
  ];
}

/** The momentum and estimator of each static slug: many say only whose default it is. */
const staticLabels = new Map(
  varianceEstimators.flatMap((variance) =>
    staticReadings(variance).flatMap(({ slug, document }) =>
      document.kind === "schedule" ? [[slug, `${document.momentum}, ${variance}`] as const] : [],
    ),
  ),
);

function labelOf(method: string): string {
  const label = staticLabels.get(method.slice(method.indexOf("/") + 1));
  return label ? `${method} (β = ${label})` : method;
}

const plusMinus = (estimate: MethodSummary["accuracy"] | null) =>
  estimate
    ? `${estimate.mean.toFixed(4)}${estimate.deviation === null ? "" : ` ± ${estimate.deviation.toFixed(4)}`}`
    : "–";
const points = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(2)}`;
const edge = ({ method, edgeOfGrid: { onEdge, of } }: MethodSummary) =>
  /\/dmbn(-independent)?(-biased|-total)?$/.test(method) ? `${onEdge} of ${of} layers` : "";
const markdownTable = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
