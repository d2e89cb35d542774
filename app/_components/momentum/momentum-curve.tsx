/** A schedule's memory over the steps of a run: the window 1/(1 − β) on a log axis, coloured by the memory ramp. */
import { scaleLog } from "d3-scale";
import type { ChartAxis } from "@/lib/charts/frame";
import { NumbersBehind } from "../charts/line-chart";
import { describeWindow, memoryClass, window } from "./memory";

interface MomentumCurveProps {
  /** Momentum of each drawn step, in [0, 1]. */
  values: readonly number[];
  /** The steps of `values`, ascending from 1. */
  steps: readonly number[];
  /** Name of the policy, for the text alternative. */
  name: string;
}

/** Longest window drawn, in batches; longer ones are drawn at the upper edge. */
const longest = 10_000;
const y = scaleLog([1, longest], [1, 0]).clamp(true);

/** A sparkline, for a row of the gallery. */
export function MomentumSparkline({ values, steps, name }: MomentumCurveProps) {
  return (
    <svg
      viewBox="0 0 1 1"
      preserveAspectRatio="none"
      className="sparkline"
      role="img"
      aria-label={describe(name, values, steps)}
    >
      <line className="base" x1={0} x2={1} y1={1} y2={1} />
      <Stretches values={values} steps={steps} />
    </svg>
  );
}

/** The curve with axes and a table of its numbers. */
export function MomentumCurve({ values, steps, name }: MomentumCurveProps) {
  const last = steps.at(-1) ?? 1;
  const windows: ChartAxis = {
    label: "window in batches",
    scale: "log",
    format: (value) => value.toLocaleString("en-GB", { maximumSignificantDigits: 4 }),
  };
  const xAxis: ChartAxis = { label: "training step", format: (value) => value.toLocaleString("en-GB") };
  const points = steps.map((step, index) => ({ x: step, y: window(values[index]!) }));
  return (
    <figure className="figure">
      <div className="plot" role="img" aria-label={describe(name, values, steps)}>
        <div className="plot-area" style={{ height: 220 }}>
          <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
            {[1, 10, 100, 1000, longest].map((tick) => (
              <line key={tick} className={tick === 1 ? "base" : "grid"} x1={0} x2={1} y1={y(tick)} y2={y(tick)} />
            ))}
            <Stretches values={values} steps={steps} />
          </svg>
          {[1, 10, 100, 1000, longest].map((tick) => (
            <span key={tick} className="y-tick" style={{ bottom: `${100 * (1 - y(tick))}%` }}>
              {tick.toLocaleString("en-GB")}
            </span>
          ))}
          {[1, Math.round(last / 2), last].map((tick) => (
            <span
              key={tick}
              className="x-tick"
              style={{ left: `${last === 1 ? 0 : (100 * (tick - 1)) / (last - 1)}%` }}
            >
              {tick.toLocaleString("en-GB")}
            </span>
          ))}
          <span className="x-label">training step</span>
        </div>
      </div>
      <NumbersBehind
        x={xAxis}
        y={windows}
        series={[
          { name: "window", points },
          { name: "keeps of the old average", points: steps.map((step, index) => ({ x: step, y: values[index]! })) },
        ]}
      />
    </figure>
  );
}

function Stretches({ values, steps }: Omit<MomentumCurveProps, "name">) {
  const first = steps[0] ?? 1;
  const span = Math.max(1, (steps.at(-1) ?? 1) - first);
  const pointAt = (index: number) =>
    `${((steps[index]! - first) / span).toFixed(4)} ${y(window(values[index]!)).toFixed(4)}`;
  const stretches: { memory: string; from: number; to: number }[] = [];
  values.forEach((value, index) => {
    const memory = memoryClass(value);
    const last = stretches.at(-1);
    if (last?.memory === memory) last.to = index;
    else {
      if (last) last.to = index;
      stretches.push({ memory, from: index, to: index });
    }
  });
  return stretches.map(({ memory, from, to }) => (
    <g key={from} className={memory}>
      <path
        className="line"
        d={`M${Array.from({ length: to - from + 1 }, (_, offset) => pointAt(from + offset)).join("L")}`}
      />
    </g>
  ));
}

function describe(name: string, values: readonly number[], steps: readonly number[]): string {
  const first = values[0];
  const last = values.at(-1);
  if (first === undefined || last === undefined) return `${name}: no steps`;
  if (values.every((value) => value === first)) return `${name}: a window of ${describeWindow(first)} throughout`;
  return (
    `${name}: from a window of ${describeWindow(first)} at step ${steps[0]} to ${describeWindow(last)} at step ` +
    `${steps.at(-1)}`
  );
}
