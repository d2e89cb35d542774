/** β over a run: one curve per layer where layers differ, and one for the variance where it has its own β. */

import type { ChartAxis } from "@/lib/charts/frame";
import type { RunShape, SchedulePolicy } from "@/lib/dmbn/policy";
import { NumbersBehind, Plot } from "../charts/line-chart";
import { momentumCurves } from "./curves";
import { describeWindow, memoryClass, window } from "./memory";
import { MomentumCurve } from "./momentum-curve";

interface LayerCurvesProps {
  policy: SchedulePolicy;
  run: RunShape;
  /** Names of the run's batch-norm layers, in forward order. */
  layers: readonly string[];
  /** Name of the policy, for the text alternative. */
  name: string;
}

export function LayerCurves({ policy, run, layers, name }: LayerCurvesProps) {
  if (policy.varianceMomentum === null)
    return <Curve expression={policy.momentum} run={run} layers={layers} name={name} />;
  return (
    <div className="grid gap-4">
      <div>
        <h3>β of the mean</h3>
        <Curve expression={policy.momentum} run={run} layers={layers} name={`${name}, mean`} />
      </div>
      <div>
        <h3>β of the variance</h3>
        <Curve expression={policy.varianceMomentum} run={run} layers={layers} name={`${name}, variance`} />
      </div>
    </div>
  );
}

const longest = 10_000;
const windows: ChartAxis = {
  label: "window in batches",
  scale: "log",
  domain: [1, longest],
  format: (value) => value.toLocaleString("en-GB", { maximumSignificantDigits: 4 }),
};
const stepAxis: ChartAxis = { label: "training step", format: (value) => value.toLocaleString("en-GB") };

function Curve({ expression, run, layers, name }: Omit<LayerCurvesProps, "policy"> & { expression: string }) {
  const curves = momentumCurves(expression, run);
  const [first] = curves;
  if (!first) return null;
  if (curves.length === 1) return <MomentumCurve {...first} name={name} />;
  const series = curves.map(({ steps, values }, layer) => ({
    name: layers[layer] ?? `layer ${layer}`,
    memory: memoryClass(values.at(-1)!),
    points: steps.map((step, index) => ({ x: step, y: Math.min(longest, window(values[index]!)) })),
  }));
  const ends = curves.map(({ values }, layer) => {
    const window = describeWindow(values.at(-1)!);
    return `${series[layer]!.name} ends with a window of ${window}`;
  });
  const words = `${name}: ${ends.join("; ")}`;
  return (
    <figure className="figure">
      <Plot words={words} x={stepAxis} y={windows} series={series} height={220} />
      <NumbersBehind x={stepAxis} y={windows} series={series} />
    </figure>
  );
}
