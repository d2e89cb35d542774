/** Details of a benchmark: its data, recipe and size. */
import Link from "next/link";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { describeRecipe } from "@/app/_components/text/describe-recipe";
import { count } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { attributionOf } from "@/lib/datasets/attribution";
import { datasetInfo } from "@/lib/datasets/registry";
import type { BenchmarkInfo } from "@/lib/server/boards/benchmarks";
import { runShape } from "@/lib/training";

interface DetailsProps {
  benchmark: BenchmarkInfo;
  /** The study's regime of the same recipe; null if there is none. */
  regime: string | null;
}

export function Details({ benchmark, regime }: DetailsProps) {
  const run = runShape(benchmark.recipe);
  const dataset = datasetInfo(benchmark.dataset);
  const { calibrationSize, validationSize } = benchmark.recipe;
  return (
    <Section id="benchmark" title="The benchmark">
      <Facts>
        <Fact name="Name and version">
          {benchmark.slug}, version {benchmark.version}. A change would be a new version with a board of its own.
        </Fact>
        <Fact name="Data set">
          <a href={dataset.source}>{dataset.name}</a>, version {dataset.version}: {count(dataset.trainCount)} training
          and {count(dataset.testCount)} test examples. {attributionOf(dataset)} Licence: {dataset.licence.name}.
        </Fact>
        <Fact name="Recipe">{describeRecipe(benchmark.recipe)}</Fact>
        <Fact name="Steps">
          {count(run.steps)}, {count(run.stepsPerEpoch)} an epoch
        </Fact>
        {regime && (
          <Fact name="Study">
            <Link href={`/study/${encodeURIComponent(regime)}`}>The same recipe in the published study</Link>: static
            momenta against DMBN, layer by layer.
          </Fact>
        )}
        <Fact name="Held back">
          {count(calibrationSize)} training examples to measure population statistics, {count(validationSize)} for
          validation
        </Fact>
      </Facts>
    </Section>
  );
}
