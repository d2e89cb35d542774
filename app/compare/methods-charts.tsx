/** Charts of the compared methods: every run, and their memory. */

import type { ChartSeries } from "@/app/_components/charts/line-chart";
import { LineChart } from "@/app/_components/charts/line-chart";
import { momentumCurves } from "@/app/_components/momentum/curves";
import { describeWindow, memoryClass, window } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { RunShape } from "@/lib/dmbn/policy";
import { parsePolicy, variablesOf } from "@/lib/dmbn/policy";
import type { ComparedMethod } from "@/lib/server/boards/compare";
import type { Compared } from "./compared";
import { dashes, letter } from "./compared";

export interface Side {
  methods: readonly ComparedMethod[];
  compared: readonly Compared[];
  run: RunShape;
}

/** One dot per run. Lines join the runs of one method, so that crossings are visible. */
export function PointsChart({ methods, compared, run, closed }: Side & { closed: boolean }) {
  const seeds = [...new Set(methods.flatMap(({ points }) => points.map(({ seed }) => seed)))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const series = methods.map(
    ({ document, points }, index): ChartSeries => ({
      name: `${letter(index)} ${compared[index]!.name}`,
      memory: memoryClass(memoryBadge(parsePolicy(document), run).memory),
      dash: dashes[index],
      points: points
        .map(({ seed, accuracy }) => ({ x: 1 + seeds.indexOf(seed), y: 100 * accuracy }))
        .sort((a, b) => a.x - b.x),
    }),
  );
  const seedOf = (place: number) => seeds[place - 1] ?? "";
  return (
    <LineChart
      title={null}
      note={
        `Accuracy of each method on ${plural(seeds.length, closed ? "run" : "seed")}; lines join one method's. ` +
        "Where lines run in parallel, the runs differ and the methods' order does not."
      }
      words={series
        .map(({ name, points }) => `${name}: ${points.map(({ y }) => y.toFixed(1)).join(", ")} percent`)
        .join("; ")}
      x={{
        label: closed ? "run" : "seed",
        ticks: seeds.length <= 12 ? seeds.map((_, index) => index + 1) : undefined,
        format: seedOf,
      }}
      y={{ label: "accuracy, %", format: (value) => value.toFixed(2) }}
      series={series}
      labelWidth={124}
    />
  );
}

const longest = 10_000;

/** β of each schedule over the run, in the first layer. */
export function MemoryCurves({ methods, compared, run, title }: Side & { title: string }) {
  const drawn = methods.flatMap(({ document }, index) => {
    const policy = parsePolicy(document);
    if (policy.kind !== "schedule") return [];
    const [curve] = momentumCurves(policy.momentum, run);
    const names = variablesOf(policy.momentum);
    return [{ name: compared[index]!.name, index, curve: curve!, deep: names.has("layer") || names.has("channels") }];
  });
  const without = compared.filter((_, index) => !drawn.some((curve) => curve.index === index)).map(({ name }) => name);
  if (drawn.length === 0) return null;
  return (
    <Section id="memory" title="Their memory over the run" gap={0}>
      <LineChart
        title={null}
        note={
          <>
            Window 1/(1 − β) in batches, log axis, over the steps of {title}.
            {drawn.some(({ deep }) => deep) && " Of the first layer, where layers differ."}
            {without.length > 0 &&
              ` ${without.join(" and ")} ${without.length === 1 ? "follows" : "follow"} no schedule: what was ` +
                "chosen stands below, layer by layer."}
          </>
        }
        words={drawn
          .map(
            ({ name, curve }) =>
              `${name}: from a window of ${describeWindow(curve.values[0]!)} to ` +
              `${describeWindow(curve.values.at(-1)!)}`,
          )
          .join("; ")}
        x={{ label: "training step", format: (value) => value.toLocaleString("en-GB") }}
        y={{
          label: "window in batches",
          scale: "log",
          domain: [1, longest],
          format: (value) => value.toLocaleString("en-GB", { maximumSignificantDigits: 4 }),
        }}
        series={drawn.map(({ name, index, curve: { steps, values } }) => ({
          name: `${letter(index)} ${name}`,
          memory: memoryClass(values.at(-1)!),
          dash: dashes[index],
          points: steps.map((step, at) => ({ x: step, y: Math.min(longest, window(values[at]!)) })),
        }))}
        labelWidth={124}
      />
    </Section>
  );
}
