/** What the map measured, and how its figures are to be read. */
import Link from "next/link";
import { count, percent } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { datasetInfo } from "@/lib/datasets/registry";
import type { MomentumMap, Recipe } from "@/lib/records";
import { modelTitles } from "./controls";
import { rising } from "./look-up";
import { safeMargin } from "./safe-band";

export function Method({ map }: { map: MomentumMap }) {
  const rates = rising(map.recipes.map(({ learningRate }) => learningRate));
  const atBatch64 = map.recipes.find(({ batchSize }) => batchSize === 64)?.learningRate;
  const sets = [...new Set(map.recipes.map(({ dataset }) => dataset))].map((slug) => datasetInfo(slug).name);
  return (
    <Section id="how" title="How to read it" prose>
      <p>
        Each run trains one network from one seed, and after {map.steps.map(count).join(", ")} steps scores every β on
        the same weights, since <Link href="/docs/method">training never reads running statistics</Link>. Networks are{" "}
        {listOf(networks(map.recipes))}; data are {listOf(sets)}. All share one recipe: SGD with momentum 0.9, no decay,
        no augmentation, and a constant learning rate that grows with the square root of the batch
        {atBatch64 && `: ${atBatch64} at batch 64`}, from {rates[0]} to {rates.at(-1)}.
      </p>
      <p>
        A β costs the accuracy of the best constant β less its own, seed by seed, with a 95 % interval. The best looks
        better than it is on the seeds that chose it, so each seed is compared with the β that is best on the other
        seeds. The safe band is the best β with its neighbours on the grid, up to the first that costs more than{" "}
        {percent(safeMargin)} points in the mean.
      </p>
      <p>
        Only measured cells count. Between them figures are interpolated, linearly in the logarithms of batch and steps,
        and the answer says between which; beyond them there is no answer. Long runs of large batches were not measured,
        and an MLP needs two images in a batch. A cell in which runs diverged says so. Other networks, data and learning
        rates can differ: where it matters, <Link href="/train">train</Link> your own.
      </p>
    </Section>
  );
}

/** "CNN at width × 0.25" */
const networks = (recipes: readonly Recipe[]): string[] => [
  ...new Set(recipes.map(({ model, width }) => `${modelTitles[model]}${width === 1 ? "" : ` at width × ${width}`}`)),
];

const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
