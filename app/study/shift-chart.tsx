/** Phase 2 of a regime: estimation shift, layer by layer, under three static momenta and under DMBN. */

import { LineChart } from "@/app/_components/charts/line-chart";
import { memoryClass } from "@/app/_components/momentum/memory";
import { significant } from "@/app/_components/text/format";
import { extent } from "@/lib/charts/extent";
import { variantLabels } from "@/lib/leaderboard";
import type { RegimeSummary, Variant } from "@/lib/records";
import { regimeTitle, staticMomentum } from "./labels";
import { findMethod } from "./regimes";

const shown = ["pytorch-default", "static-0.99", "fixmatch", "dmbn"];

export function ShiftChart({ regime, variant }: { regime: RegimeSummary; variant: Variant }) {
  const series = shown.flatMap((policy) => {
    const points =
      findMethod(regime, variant, policy)?.shiftPerLayer.flatMap(({ shift }, layer) =>
        shift > 0 ? [{ x: layer + 1, y: shift }] : [],
      ) ?? [];
    if (points.length === 0) return [];
    const momentum = staticMomentum(policy);
    return [
      {
        name: momentum === null ? "DMBN" : `β = ${momentum}`,
        points,
        ...(momentum === null ? {} : { memory: memoryClass(momentum) }),
        ...(points.length === 1 ? { dots: true } : {}),
      },
    ];
  });
  if (series.length === 0) return null;
  const { low, high } = extent(series.flatMap(({ points }) => points.map(({ y }) => y)))!;
  const layers = series.reduce((most, { points }) => Math.max(most, points.at(-1)!.x), 0);
  const last = series.map(({ name, points }) => `${name} ${significant(points.at(-1)!.y)}`).join(", ");
  return (
    <LineChart
      title={`${variantLabels[variant]}: estimation shift, layer by layer`}
      note={<>‖μ̂ − μ‖ + ‖σ̂ − σ‖ over channels, mean over seeds, log axis. Layers in forward order.</>}
      words={
        `${regimeTitle(regime)}, ${variantLabels[variant]}: estimation shift by layer. ` + `In the last layer: ${last}.`
      }
      x={{
        label: "batch-norm layer",
        domain: [1, Math.max(2, layers)],
        ticks: layers <= 12 ? Array.from({ length: layers }, (_, index) => index + 1) : undefined,
      }}
      y={{
        label: "estimation shift",
        scale: "log",
        domain: [low * 0.8, high * 1.25],
        format: (value) => significant(value, 2),
      }}
      series={series}
    />
  );
}
