/** One published run: its methods, curves, shift and momentum per layer, confusion matrix, manifest, files. */
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { cache } from "react";
import { ConfusionMatrix } from "../../_components/confusion-matrix";
import { type Column, DataTable, Missing } from "../../_components/data-table";
import { Fact, Facts } from "../../_components/facts";
import { count, date, duration, plural, percent, significant } from "../../_components/format";
import { LineChart } from "../../_components/line-chart";
import { memoryClass } from "../../_components/memory";
import { exactly, metricColumns } from "../../_components/metric-columns";
import { MemoryLegend, MomentumChip, MomentumPerLayer } from "../../_components/momentum";
import { layerMark } from "../../_components/policy-mark";
import { recipeWords } from "../../_components/recipe-words";
import { ReportedElsewhere } from "../../_components/reported-elsewhere";
import { runShape } from "../../_components/run-shape";
import { readSort, sortHref } from "../../_components/sort";
import { tierLabel } from "../../_components/tier-label";
import { variantLabels } from "../../_components/variant";
import type { RunShape } from "@/lib/dmbn/policy";
import { datasetInfo } from "@/lib/datasets/registry";
import { tiers } from "@/lib/leaderboard";
import { run as findRun, type RunDetail, type RunScoreDetail } from "@/lib/server/queries/runs";

export const dynamic = "force-dynamic";

const read = cache(async (id: string) => findRun(id));

export async function generateMetadata({ params }: PageProps<"/runs/[id]">): Promise<Metadata> {
  const found = await read((await params).id);
  if (!found) return { title: "Not found" };
  return { title: `${heading(found)} by ${found.user ?? "a deleted account"}`, description: `${plural(found.methods, "method")} scored on one training run.` };
}

export default async function RunPage({ params, searchParams }: PageProps<"/runs/[id]">) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const found = await read(id);
  if (!found) notFound();
  const { manifest, curves, scores } = found;
  const shape = runShape(manifest.recipe);
  const chosen = scores.find(({ method }) => method === query.method) ?? scores[0]!;
  const rows = scores.map(asRow);
  const columns = methodColumns(rows, shape, (method) => methodHref(id, query, method));
  const sort = readSort(query, columns.filter(({ value }) => value).map(({ key }) => key));
  const dataset = datasetInfo(manifest.dataset.slug);
  return (
    <>
      <p className="crumbs">
        {found.benchmark ? <Link href={`/leaderboard/${found.benchmark.slug}`}>{found.benchmark.title}</Link> : "Settings of their own, on no board"}
      </p>
      <h1>{heading(found)}</h1>
      <p className="lede">
        {found.user ? <Link href={`/u/${encodeURIComponent(found.user)}`}>{found.user}</Link> : "A deleted account"} published this run on{" "}
        <time dateTime={found.createdAt.toISOString()}>{date(found.createdAt)}</time>: {plural(found.methods, "method")} scored on the same weights. {sentence(tierLabel(found.tier))}:{" "}
        {lowerFirst(tiers.find(({ tier }) => tier === found.tier)?.meaning ?? "")}
      </p>
      <section className="section" aria-labelledby="methods">
        <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
          <h2 id="methods">Every method of this run</h2>
          <MemoryLegend />
        </div>
        <DataTable
          caption="Methods with their figures on the test split, derived by the server from the uploaded predictions"
          columns={columns}
          rows={rows}
          rowKey={({ method }) => method}
          selected={chosen.method}
          sorting={{ sort, href: (next) => sortHref(`/runs/${id}`, query, next) }}
        />
        <p className="note mt-2">One run, so no intervals over seeds: the board has them. The marked row is shown below; press a name to show another. Momenta are of the batch-norm layers in order.</p>
        {manifest.dataset.slug === "fashion-mnist" && <ReportedElsewhere />}
      </section>
      <section className="section" aria-labelledby="layers">
        <h2 id="layers">{chosen.policy.name}, layer by layer</h2>
        <p className="note mb-3">How far the kept statistics lie from those of the inputs each layer really receives at inference, and the momentum it used. Measured by the browser that trained.</p>
        <Layers score={chosen} shape={shape} />
      </section>
      <section className="section" aria-labelledby="matrix">
        <h2 id="matrix" className="mb-2">
          {chosen.policy.name}: what was taken for what
        </h2>
        <ConfusionMatrix matrix={chosen.confusionMatrix} classNames={dataset.classes} caption={`${dataset.name}, test split, ${chosen.policy.name}.`} />
      </section>
      <section className="section" aria-labelledby="training">
        <h2 id="training" className="mb-3">
          Training
        </h2>
        <div className="grid gap-5 md:grid-cols-2 lg:grid-cols-3">
          <Curves curves={curves} />
        </div>
      </section>
      <section className="section" aria-labelledby="manifest">
        <h2 id="manifest" className="mb-3">
          Manifest
        </h2>
        <ManifestFacts found={found} datasetName={dataset.name} />
      </section>
    </>
  );
}

type Row = ReturnType<typeof asRow>;

/** A score as a row of single figures. */
const asRow = ({ accuracy, sensitivity, specificity, fScore, esmTotal, ...score }: RunScoreDetail) => ({
  ...score,
  layers: score.esm,
  accuracy: exactly(accuracy),
  sensitivity: exactly(sensitivity),
  specificity: exactly(specificity),
  fScore: exactly(fScore),
  esm: exactly(esmTotal),
});

function methodColumns(rows: readonly Row[], shape: RunShape, href: (method: string) => string): Column<Row>[] {
  return [
    {
      key: "method",
      head: "Method",
      first: "ascending",
      value: ({ policy }) => policy.name,
      cell: ({ method, policy }) => (
        <Link href={href(method)} scroll={false}>
          {policy.name}
        </Link>
      ),
    },
    ...metricColumns<Row>(rows, ({ momentumPerLayer }) => memoryClass(sharedMemory(momentumPerLayer, shape))),
    {
      key: "momentum",
      head: "keeps of the old, per layer",
      cell: ({ momentumPerLayer, edgeOfGrid }) =>
        momentumPerLayer.every((momentum) => momentum === null) ? (
          <Missing why="nothing is averaged, or each channel has its own" />
        ) : (
          <>
            <MomentumPerLayer layers={momentumPerLayer.map((momentum) => layerMark(momentum, shape))} />
            {edgeOfGrid.length > 0 && <span className="margin"> edge of grid</span>}
          </>
        ),
    },
    { key: "policy", head: "policy", cell: ({ policy }) => <Link href={`/policies/${policy.slug}`}>rule</Link> },
  ];
}

/** The memory all layers share; null where they differ. */
function sharedMemory(momenta: readonly (number | string | null)[], shape: RunShape) {
  return new Set(momenta).size === 1 ? layerMark(momenta[0]!, shape).memory : null;
}

function Layers({ score, shape }: { score: RunScoreDetail; shape: RunShape }) {
  const rows = score.esm.map((shift, index) => ({ ...shift, index, momentum: score.momentumPerLayer[index] ?? null, edge: score.edgeOfGrid.includes(shift.layer) }));
  type Layer = (typeof rows)[number];
  const figure = (key: "mean" | "std" | "relativeMean" | "relativeStd", head: React.ReactNode, group: string): Column<Layer> => ({
    key,
    head,
    group,
    align: "end",
    cell: (row) => significant(row[key]),
  });
  const columns: Column<Layer>[] = [
    { key: "layer", head: "Layer", cell: ({ layer }) => layer },
    {
      key: "momentum",
      head: "keeps of the old",
      cell: ({ momentum, edge }) =>
        momentum === null ? (
          <Missing why="nothing is averaged, or each channel has its own" />
        ) : (
          <>
            <MomentumChip {...layerMark(momentum, shape)} />
            {edge && <span className="margin"> edge of grid</span>}
          </>
        ),
    },
    figure("mean", "‖μ̂ − μ‖", "estimation shift"),
    figure("std", "‖σ̂ − σ‖", "estimation shift"),
    figure("relativeMean", "mean, in σ", "RMS over channels"),
    figure("relativeStd", "deviation, in σ", "RMS over channels"),
  ];
  return <DataTable caption={`Estimation shift and momentum of each batch-norm layer under ${score.policy.name}`} columns={columns} rows={rows} rowKey={({ index }) => String(index)} />;
}

/** Dashes tell layers apart: they are not memories, so they take no colour. */
const dashes = [undefined, "6 4", "2 3", "10 4 2 4", "14 5", "4 2 1 2"];

function Curves({ curves: { loss, validationAccuracy, shift } }: { curves: RunDetail["curves"] }) {
  const step = { label: "training step", format: count };
  const points = (curve: readonly { step: number; value: number }[]) => curve.map(({ step, value }) => ({ x: step, y: value }));
  return (
    <>
      {loss.length > 1 && (
        <LineChart
          title="Loss"
          note="Cross-entropy on the training batches."
          words={`Training loss from ${significant(loss[0]!.value)} at step ${loss[0]!.step} to ${significant(loss.at(-1)!.value)} at step ${loss.at(-1)!.step}.`}
          x={step}
          y={{ label: "loss", format: (value) => significant(value) }}
          series={[{ name: "loss", points: points(loss) }]}
        />
      )}
      {validationAccuracy.length > 1 && (
        <LineChart
          title="Validation accuracy"
          note="On training data held back, with running statistics that keep 0.9 of the old average (PyTorch 0.1)."
          words={`Validation accuracy up to ${percent(Math.max(...validationAccuracy.map(({ value }) => value)))} percent.`}
          x={step}
          y={{ label: "accuracy, %", format: (value) => value.toFixed(1) }}
          series={[{ name: "accuracy", points: points(validationAccuracy).map(({ x, y }) => ({ x, y: 100 * y })) }]}
        />
      )}
      {shift.some(({ points }) => points.length > 1) && (
        <LineChart
          title="Estimation shift of each layer"
          note="‖μ̂ − μ‖ + ‖σ̂ − σ‖ while training, at running statistics that keep 0.9 of the old average (PyTorch 0.1)."
          words={`Estimation shift of ${shift.length} layers over training: ${shift.map(({ layer, points }) => `${layer} ends at ${significant(points.at(-1)?.value ?? 0)}`).join(", ")}.`}
          x={step}
          y={{ label: "shift", format: (value) => significant(value) }}
          series={shift.map((curve, index) => ({ name: curve.layer, points: points(curve.points), dash: dashes[index % dashes.length] }))}
        />
      )}
    </>
  );
}

function ManifestFacts({ found: { id, manifest, timings, seed, predictions, reproductionOf, reproductions }, datasetName }: { found: RunDetail; datasetName: string }) {
  const { recipe, dataset, backend, software } = manifest;
  return (
    <>
      <Facts>
        <Fact name="Recipe">{recipeWords(recipe)}</Fact>
        <Fact name="Variant">{variantLabels[manifest.variant]}</Fact>
        <Fact name="Seed">{seed}</Fact>
        <Fact name="Steps">{count(manifest.steps)}</Fact>
        <Fact name="Network">
          {count(manifest.parameters)} parameters, {count(manifest.batchNormChannels)} batch-norm channels
        </Fact>
        <Fact name="Data set">
          {datasetName}, version {dataset.version}
          {dataset.subset && `, ${dataset.subset}`}. SHA-256 <code>{dataset.hash}</code>
        </Fact>
        <Fact name="Backend, self-reported">
          {backend.name}, {backend.adapter || "no adapter named"}, {plural(backend.threads, "thread")}. {backend.reason}
        </Fact>
        <Fact name="Software, self-reported">
          DMBench {software.dmbench}, TensorFlow.js {software.tfjs}, {software.platform}
        </Fact>
        <Fact name="Time, self-reported">
          {duration(timings.trainingSeconds)} training at {count(Math.round(timings.imagesPerSecond))} images/s, {duration(timings.scoringSeconds)} scoring
        </Fact>
        <Fact name="Predictions">
          <a href={`/api/v1/runs/${id}/predictions`} download>
            safetensors, {count(Math.max(1, Math.round(predictions.bytes / 1024)))} KiB
          </a>
          . SHA-256 <code>{predictions.sha256}</code>
        </Fact>
        {reproductionOf && (
          <Fact name="Reproduction of">
            <Link href={`/runs/${reproductionOf}`}>
              <code>{reproductionOf}</code>
            </Link>
          </Fact>
        )}
        {reproductions > 0 && <Fact name="Reproduced by">{plural(reproductions, "run")}</Fact>}
      </Facts>
      <details className="mt-3">
        <summary className="text-link text-head">The manifest as JSON</summary>
        <pre className="mt-2" tabIndex={0} aria-label="Manifest">
          {JSON.stringify(manifest, null, 2)}
        </pre>
      </details>
    </>
  );
}

function heading({ benchmark, dataset, variant, seed }: RunDetail): string {
  return `${benchmark?.title ?? datasetInfo(dataset).name}, ${variantLabels[variant]}, seed ${seed}`;
}

function methodHref(id: string, query: Record<string, string | string[] | undefined>, method: string): string {
  const { sort, direction } = query;
  const kept = Object.entries({ method, sort, direction }).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return `/runs/${id}?${new URLSearchParams(kept)}`;
}

const sentence = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
