/** Phase 1 of a regime: accuracy over the memory of a static momentum; policies that choose or measure are levels. */

import type { ChartSeries } from "@/app/_components/charts/line-chart";
import { LineChart, Plot } from "@/app/_components/charts/line-chart";
import { memoryClass, window } from "@/app/_components/momentum/memory";
import { count, percent } from "@/app/_components/text/format";
import { extent } from "@/lib/charts/extent";
import type { VarianceEstimator } from "@/lib/dmbn/policy";
import { variantLabels } from "@/lib/leaderboard";
import type { MethodSummary, RegimeSummary, Variant } from "@/lib/records";
import { parts, regimeTitle, staticMomentum } from "./labels";
import { findMethod } from "./regimes";

interface AccuracyChartProps {
  regime: RegimeSummary;
  variant: Variant;
  /** The plot alone, small. */
  small?: boolean;
}

export function AccuracyChart({ regime, variant, small = false }: AccuracyChartProps) {
  const sweep = (variance: VarianceEstimator) =>
    regime.methods.flatMap((method) => {
      const { variant: methodVariant, policy } = parts(method.method);
      const momentum = methodVariant === variant ? staticMomentum(policy, variance) : null;
      return momentum === null || momentum === "cumulative"
        ? []
        : [{ momentum, x: window(momentum), ...margins(method) }];
    });
  const statics = sweep("unbiased");
  const biased = sweep("biased");
  const cumulative = findMethod(regime, variant, "cumulative-average");
  const levels = [
    { name: "DMBN", method: findMethod(regime, variant, "dmbn"), dash: undefined },
    { name: "recalibration", method: findMethod(regime, variant, "precise-bn"), dash: "2 3" },
    ...(variant === "bn"
      ? [{ name: "BN-BFN, .9", method: findMethod(regime, "bn-bfn", "pytorch-default"), dash: "7 4" }]
      : []),
  ];
  const longest = statics.reduce((most, { x }) => Math.max(most, x), regime.steps);
  const series: ChartSeries[] = [
    { name: "static β", points: statics.map(({ momentum: _, ...point }) => point) },
    ...(biased.length > 0
      ? [{ name: "biased", dash: "1 2", points: biased.map(({ x, y }) => ({ x, y })), unlabelled: small }]
      : []),
    ...statics.map(({ momentum, x, y }) => ({
      name: `β = ${momentum}`,
      points: [{ x, y }],
      memory: memoryClass(momentum),
      dots: true,
      unlabelled: true,
    })),
    ...(cumulative
      ? [
          {
            name: "cumulative",
            points: [{ x: regime.steps, y: 100 * cumulative.accuracy.mean }],
            memory: memoryClass("cumulative"),
            dots: true,
            unlabelled: true,
          },
        ]
      : []),
    ...levels.flatMap(({ name, method, dash }) =>
      method ? [{ name, dash, points: [1, longest].map((x) => ({ x, y: 100 * method.accuracy.mean })) }] : [],
    ),
  ];
  const axes = {
    x: { label: "memory 1/(1 − β), batches", scale: "log" as const, domain: [1, longest] as const, format: count },
    y: { label: "test accuracy, %", format: (value: number) => value.toFixed(1) },
  };
  const levelTexts = levels.flatMap(({ name, method }) => (method ? [`${name} ${percent(method.accuracy.mean)}`] : []));
  const { low, high } = extent(statics.map(({ y }) => y)) ?? { low: 0, high: 0 };
  const words =
    `${regimeTitle(regime)}, ${variantLabels[variant]}: accuracy against the memory of a static momentum. ` +
    `${levelTexts.join(", ")}; static β from ${low.toFixed(1)} to ` +
    `${high.toFixed(1)}.`;
  if (small) return <Plot words={words} {...axes} series={series} height={150} />;
  return (
    <LineChart
      title={`${variantLabels[variant]}: accuracy against memory`}
      note={
        `Mean over ${regime.seeds.length} seeds; the band is ± one standard deviation. Dots are the static ` +
        "momenta, the cumulative average stands at the run's length. Dotted: the same with the biased variance."
      }
      words={words}
      {...axes}
      series={series}
    />
  );
}

/** In percent. */
function margins({ accuracy: { mean, deviation } }: MethodSummary) {
  return deviation === null
    ? { y: 100 * mean }
    : { y: 100 * mean, low: 100 * (mean - deviation), high: 100 * (mean + deviation) };
}
