/** One published run: its methods, curves, shift and momentum per layer, confusion matrix, manifest, files. */

import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { cache } from "react";
import { ConfusionMatrix } from "@/app/_components/charts/confusion-matrix";
import { TrainingCurves } from "@/app/_components/charts/training-curves";
import { ButtonLink } from "@/app/_components/controls/controls";
import { FlagLink } from "@/app/_components/controls/flag-link";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { LayerTable } from "@/app/_components/tables/layer-table";
import { methodColumns, methodRow } from "@/app/_components/tables/method-columns";
import { readSort, sortHref } from "@/app/_components/tables/sort";
import { tierLabel } from "@/app/_components/tables/tier-label";
import { Crumbs } from "@/app/_components/text/crumbs";
import { count, date, duration, plural } from "@/app/_components/text/format";
import { recipeWords } from "@/app/_components/text/recipe-words";
import { ReportedElsewhere } from "@/app/_components/text/reported-elsewhere";
import { Section } from "@/app/_components/text/section";
import { variantLabels } from "@/app/_components/text/variant";
import { datasetInfo } from "@/lib/datasets/registry";
import { tiers, trainingFormOf, writeTrainingForm } from "@/lib/leaderboard";
import { mistakes as findMistakes } from "@/lib/server/runs/mistakes";
import type { RunDetail } from "@/lib/server/runs/read";
import { run as findRun } from "@/lib/server/runs/read";
import { runShape } from "@/lib/training";
import { Mistakes } from "./mistakes";

export const dynamic = "force-dynamic";

const read = cache(async (id: string) => findRun(id));

export async function generateMetadata({ params }: PageProps<"/runs/[id]">): Promise<Metadata> {
  const found = await read((await params).id);
  if (!found) return { title: "Not found" };
  return {
    title: `${heading(found)} by ${found.user ?? "a deleted account"}`,
    description: `${plural(found.methods, "method")} scored on one training run.`,
  };
}

export default async function RunPage({ params, searchParams }: PageProps<"/runs/[id]">) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const found = await read(id);
  if (!found) notFound();
  const { manifest, curves, scores } = found;
  const shape = runShape(manifest.recipe, manifest.variant);
  const chosen = scores.find(({ method }) => method === query.method) ?? scores[0]!;
  const rows = scores.map(methodRow);
  const columns = [
    ...methodColumns(rows, shape, ({ method, policy }) => (
      <Link href={methodHref(id, query, method)} scroll={false}>
        {policy.name}
      </Link>
    )),
    ruleColumn,
  ];
  const sort = readSort(
    query,
    columns.filter(({ value }) => value).map(({ key }) => key),
  );
  const dataset = datasetInfo(manifest.dataset.slug);
  const wrong = await findMistakes(id, { method: chosen.method, dataset: dataset.slug, take: picturesShown });
  return (
    <>
      <Crumbs
        path={[
          found.benchmark
            ? { href: `/leaderboard/${found.benchmark.slug}`, title: found.benchmark.title }
            : { title: "Settings of their own, on no board" },
        ]}
      />
      <h1>{heading(found)}</h1>
      <p className="lede">
        {found.user ? <Link href={`/u/${encodeURIComponent(found.user)}`}>{found.user}</Link> : "A deleted account"}{" "}
        published this run on <time dateTime={found.createdAt.toISOString()}>{date(found.createdAt)}</time>:{" "}
        {plural(found.methods, "method")} scored on the same weights. {sentence(tierLabel(found.tier))}:{" "}
        {lowerFirst(tiers.find(({ tier }) => tier === found.tier)?.meaning ?? "")}
      </p>
      <p className="mt-3 flex flex-wrap items-center gap-3">
        <ButtonLink prefetch={false} href={`/train?${rerun(found)}`}>
          Re-run this in my browser
        </ButtonLink>
        <ButtonLink href={`/compare?runs=${id}`}>Compare with another run</ButtonLink>
        <FlagLink subject="run" id={id} />
      </p>
      <Section id="methods" title="Every method of this run" aside={<MemoryLegend />}>
        <DataTable
          caption="Methods with their figures on the test split, derived by the server from the uploaded predictions"
          columns={columns}
          rows={rows}
          rowKey={({ method }) => method}
          selected={chosen.method}
          sorting={{ sort, href: (next) => sortHref(`/runs/${id}`, query, next) }}
        />
        <p className="note mt-2">
          One run, so no intervals over seeds: the board has them. The marked row is shown below; press a name to show
          another. Momenta are of the batch-norm layers in order.
        </p>
        {manifest.dataset.slug === "fashion-mnist" && <ReportedElsewhere />}
      </Section>
      <Section
        id="layers"
        title={`${chosen.policy.name}, layer by layer`}
        note={
          <>
            How far the kept statistics lie from those of the inputs each layer really receives at inference, and the
            momentum it used. Measured by the browser that trained.
          </>
        }
      >
        <LayerTable score={chosen} name={chosen.policy.name} shape={shape} />
      </Section>
      <Section id="matrix" title={`${chosen.policy.name}: what was taken for what`} gap={2}>
        <ConfusionMatrix
          matrix={chosen.confusionMatrix}
          classNames={dataset.classes}
          caption={`${dataset.name}, test split, ${chosen.policy.name}.`}
        />
      </Section>
      {wrong && (
        <Section id="mistakes" title={`${chosen.policy.name}: what it got wrong`} gap={0}>
          <Mistakes dataset={dataset} {...wrong} otherMethods={scores.length - 1} />
        </Section>
      )}
      <Section id="training" title="Training">
        <div className="grid gap-5 md:grid-cols-2 lg:grid-cols-3">
          <TrainingCurves {...curves} />
        </div>
      </Section>
      <Section id="manifest" title="Manifest">
        <ManifestFacts found={found} datasetName={dataset.name} />
      </Section>
    </>
  );
}

/** Two screens of pictures on a phone. */
const picturesShown = 24;

const ruleColumn: Column<{ policy: { slug: string } }> = {
  key: "policy",
  head: "policy",
  cell: ({ policy }) => <Link href={`/policies/${policy.slug}`}>rule</Link>,
};

function ManifestFacts({
  found: { id, manifest, timings, seed, predictions, reproductionOf, reproductions },
  datasetName,
}: {
  found: RunDetail;
  datasetName: string;
}) {
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
          {duration(timings.trainingSeconds)} training at {count(Math.round(timings.imagesPerSecond))} images/s,{" "}
          {duration(timings.scoringSeconds)} scoring
        </Fact>
        <Fact name="Files">
          <a href={`/api/v1/runs/${id}`} download={`dmbench-${id}.json`}>
            Record as JSON
          </a>
          . Cite it: <a href={`/api/v1/runs/${id}/citation`}>BibTeX</a>,{" "}
          <a href={`/api/v1/runs/${id}/citation?format=cff`}>CITATION.cff</a>
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
        <Fact name="Reproduced by">{reproductions > 0 ? plural(reproductions, "other user") : "nobody yet"}</Fact>
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

/** The training page's form as this run had it, with this run named: the new one is linked to it. */
function rerun({ id, manifest, benchmark, scores }: RunDetail): URLSearchParams {
  const form = writeTrainingForm(
    trainingFormOf({ ...manifest, benchmark, policies: scores.map(({ policy }) => policy.slug) }),
  );
  form.set("reproduces", id);
  return form;
}

function heading({ benchmark, dataset, variant, seed }: RunDetail): string {
  return `${benchmark?.title ?? datasetInfo(dataset).name}, ${variantLabels[variant]}, seed ${seed}`;
}

function methodHref(id: string, query: Record<string, string | string[] | undefined>, method: string): string {
  const { sort, direction } = query;
  const kept = Object.entries({ method, sort, direction }).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return `/runs/${id}?${new URLSearchParams(kept)}`;
}

const sentence = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
