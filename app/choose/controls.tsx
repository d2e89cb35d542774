/** Library, data set, network, batch, steps: links and a form that lead to URLs, so that all works without JavaScript. */
import Form from "next/form";
import { Button, SegmentLinks } from "@/app/_components/controls/controls";
import { count } from "@/app/_components/text/format";
import { datasetInfo } from "@/lib/datasets/registry";
import type { ChooseView } from "@/lib/leaderboard";
import { chooseHref, frameworkNames } from "@/lib/leaderboard";
import type { ModelName, MomentumMap } from "@/lib/records";
import { frameworks } from "./frameworks";
import { Scale } from "./scale";

export const modelTitles: Record<ModelName, string> = {
  mlp: "MLP",
  "mlp-deep": "deep MLP",
  cnn: "CNN",
  "resnet-50": "ResNet-50",
};

/** Measured values, and one halfway between neighbours on a log scale. */
const withHalves = (measured: readonly number[]): number[] =>
  measured.flatMap((value, index) => {
    const next = measured[index + 1];
    const half = next === undefined ? value : Number(Math.sqrt(value * next).toPrecision(2));
    return half > value ? [value, half] : [value];
  });

export function Controls({ view, map }: { view: ChooseView; map: MomentumMap }) {
  const datasets = [...new Set(map.places.map(({ dataset }) => dataset))];
  const models = [...new Set(map.places.map(({ model }) => model))];
  const hidden = { framework: view.framework, dataset: view.dataset, model: view.model };
  const to = (change: Partial<ChooseView>) => chooseHref(view, change);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap gap-2">
        <SegmentLinks
          label="Library"
          options={frameworkNames.map((framework) => ({
            href: to({ framework }),
            label: frameworks[framework].name,
            current: framework === view.framework,
          }))}
        />
        <SegmentLinks
          label="Data set"
          options={datasets.map((dataset) => ({
            href: to({ dataset }),
            label: datasetInfo(dataset).name,
            current: dataset === view.dataset,
          }))}
        />
        <SegmentLinks
          label="Network"
          options={models.map((model) => ({
            href: to({ model }),
            label: modelTitles[model],
            current: model === view.model,
          }))}
        />
      </div>
      <Form action="/choose" scroll={false} className="scales">
        {Object.entries(hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <Scale
          name="batch"
          label="Batch, images"
          value={view.batch}
          stops={withHalves(map.batchSizes)}
          hint={`${count(map.batchSizes[0]!)} to ${count(map.batchSizes.at(-1)!)}`}
        />
        <Scale
          name="steps"
          label="Training steps"
          value={view.steps}
          stops={withHalves(map.steps)}
          hint={`${count(map.steps[0]!)} to ${count(map.steps.at(-1)!)}`}
        />
        <noscript>
          <Button type="submit" kind="primary">
            Show
          </Button>
        </noscript>
      </Form>
    </div>
  );
}
