/** How a run was made: recipe, data, backend, software, times, files. */
import Link from "next/link";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { describeRecipe } from "@/app/_components/text/describe-recipe";
import { count, duration, percent, plural } from "@/app/_components/text/format";
import { datasetInfo } from "@/lib/datasets/registry";
import { variantLabels } from "@/lib/leaderboard";
import type { RunDetail } from "@/lib/server/runs/read";

export function ManifestFacts({
  run: { id, manifest, timings, seed, predictions, weights, reproductionOf, reproductions, reproducedBy },
}: {
  run: RunDetail;
}) {
  const { recipe, dataset, backend, software } = manifest;
  return (
    <>
      <Facts>
        <Fact name="Recipe">{describeRecipe(recipe)}</Fact>
        <Fact name="Variant">{variantLabels[manifest.variant]}</Fact>
        <Fact name="Seed">{seed}</Fact>
        <Fact name="Steps">{count(manifest.steps)}</Fact>
        <Fact name="Network">
          {count(manifest.parameters)} parameters, {count(manifest.batchNormChannels)} batch-norm channels
        </Fact>
        <Fact name="Data set">
          {datasetInfo(dataset.slug).name}, version {dataset.version}
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
            {size(predictions.bytes)}
          </a>
          . SHA-256 <code>{predictions.sha256}</code>
        </Fact>
        {weights && (
          <Fact name="Weights and trace">
            {weights.url ? (
              <a href={weights.url} download>
                {size(weights.bytes)}
              </a>
            ) : (
              size(weights.bytes)
            )}
            . SHA-256 <code>{weights.sha256}</code>
          </Fact>
        )}
        {reproductionOf && (
          <Fact name="Reproduction of">
            <Link href={`/runs/${reproductionOf}`}>
              <code>{reproductionOf}</code>
            </Link>
          </Fact>
        )}
        <Fact name="Reproduced by">
          {reproductions === 0 ? "nobody yet" : `${plural(reproductions, "other user")}: `}
          {reproducedBy.map(({ id: by, user, agreement }, index) => (
            <span key={by}>
              {index > 0 && ", "}
              <Link href={`/runs/${by}`}>{user ?? "a deleted account"}</Link>
              {agreement !== null && `, ${percent(agreement, 1)} % of the predictions the same`}
            </span>
          ))}
        </Fact>
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

const size = (bytes: number): string => `safetensors, ${count(Math.max(1, Math.round(bytes / 1024)))} KiB`;
