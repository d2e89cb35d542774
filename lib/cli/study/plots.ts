/**
 * Plots of a study's regime as SVG text: accuracy against the memory of a static
 * momentum, shift per layer, chosen β per layer. Memory is 1/(1 − β) batches on a
 * log axis throughout; the cumulative average remembers the whole run.
 */

import { line } from "d3-shape";
import { extent } from "@/lib/charts/extent";
import type { ChartAxis, FramedAxis } from "@/lib/charts/frame";
import { frameAxis, spreadLabels } from "@/lib/charts/frame";
import { builtInPolicies, momentumWindow, staticSweep } from "@/lib/dmbn/policy";
import type { MethodSummary, RegimeSummary } from "@/lib/records";

export interface StudyPlot {
  name: string;
  title: string;
  svg: string;
}

const WIDTH = 720;
const HEIGHT = 360;
const MARGIN = { top: 44, right: 148, bottom: 48, left: 64 };
const LABEL_HEIGHT = 16;
const COLOURS = ["#1f5f8b", "#b3541e", "#4d7c3a", "#7a3f8f", "#8a6d1b", "#5b6470"];
const CUMULATIVE = "1 - 1 / step";

/** All plots of a regime; those without anything to show are left out. */
export function plotsOf(regime: RegimeSummary): StudyPlot[] {
  const variants = regime.variants.filter((variant) =>
    regime.methods.some(({ method, shiftPerLayer }) => method.startsWith(`${variant}/`) && shiftPerLayer.length > 0),
  );
  return [
    ...variants.map((variant) => ({
      name: `${regime.regime}.${variant}.accuracy`,
      title: `${regime.regime}, ${variant}: accuracy against the memory of a static momentum`,
      draw: () => accuracyPlot(regime, variant),
    })),
    ...variants.map((variant) => ({
      name: `${regime.regime}.${variant}.shift`,
      title: `${regime.regime}, ${variant}: estimation shift, layer by layer`,
      draw: () => shiftPlot(regime, variant),
    })),
    ...variants.map((variant) => ({
      name: `${regime.regime}.${variant}.momentum`,
      title: `${regime.regime}, ${variant}: the β that DMBN chose, layer by layer`,
      draw: () => momentumPlot(regime, variant),
    })),
  ].flatMap(({ name, title, draw }) => {
    const marks = draw();
    return marks === null ? [] : [{ name, title, svg: frame(title, marks) }];
  });
}

/** Memory of a momentum in batches; a momentum of 0 remembers only the last batch. */
const memory = (momentum: number | string | null, steps: number): number | null =>
  momentum === CUMULATIVE ? steps : typeof momentum === "number" && momentum < 1 ? momentumWindow(momentum) : null;

function accuracyPlot(regime: RegimeSummary, variant: string): string | null {
  const methodOf = (name: string) => regime.methods.find(({ method }) => method === name);
  const points = staticSweep.flatMap((slug) => {
    const method = methodOf(`${variant}/${slug}`);
    const { document } = builtInPolicies.find((policy) => policy.slug === slug)!;
    const momentum =
      document.kind === "schedule" ? (document.momentum === CUMULATIVE ? CUMULATIVE : Number(document.momentum)) : null;
    const x = memory(momentum, regime.steps);
    return method && x !== null ? [{ x, cumulative: momentum === CUMULATIVE, ...method.accuracy }] : [];
  });
  if (points.length === 0) return null;
  const levels = [
    [`${variant}/dmbn`, "DMBN"],
    [`${variant}/precise-bn`, "recalibration"],
    ...(variant === "bn" ? [["bn-bfn/pytorch-default", "BN-BFN, β = .9"]] : []),
  ].flatMap(([name, label]) => {
    const method = methodOf(name!);
    return method ? [{ label: label!, y: method.accuracy.mean }] : [];
  });
  const values = [
    ...points.flatMap(({ mean, deviation }) => [mean - (deviation ?? 0), mean + (deviation ?? 0)]),
    ...levels.map(({ y }) => y),
  ];
  const longest = points.reduce((most, point) => Math.max(most, point.x), 10);
  const xAxis = across({ ...logAxis, label: "memory of β, 1/(1 − β) batches", domain: [1, longest] });
  const yAxis = upwards({ label: "test accuracy", format: String }, values);
  const [x, y] = [xAxis.scale, yAxis.scale];
  const curve = points.filter(({ cumulative }) => !cumulative);
  const labelPositions = spreadLabels(
    levels.map((level) => y(level.y)),
    LABEL_HEIGHT,
  );
  return [
    drawAxes(xAxis, yAxis),
    `<path class="line" stroke="${COLOURS[0]}" d="${line<{ x: number; mean: number }>(
      (point) => x(point.x),
      (point) => y(point.mean),
    )(curve)}"/>`,
    ...points.flatMap(({ x: batches, mean, deviation, cumulative }) => [
      ...(deviation === null
        ? []
        : [`<path stroke="${COLOURS[0]}" d="M${n(x(batches))} ${n(y(mean - deviation))}V${n(y(mean + deviation))}"/>`]),
      dot(
        [x(batches), y(mean), 3.5],
        `stroke="${COLOURS[0]}" class="${cumulative ? "open" : ""}" fill="${COLOURS[0]}"`,
        `${cumulative ? "cumulative" : `1/(1 − β) = ${Number(batches.toPrecision(4))}`}: ${mean.toFixed(4)}`,
      ),
    ]),
    ...levels.flatMap(({ label, y: level }, index) => [
      `<path class="level" stroke="${COLOURS[index + 1]}" d="M${MARGIN.left} ${n(y(level))}H${WIDTH - MARGIN.right}"/>`,
      text(
        WIDTH - MARGIN.right + 8,
        labelPositions[index]! + 4,
        `${label} ${level.toFixed(3)}`,
        `fill="${COLOURS[index + 1]}"`,
      ),
    ]),
    ...(points.some(({ cumulative }) => cumulative)
      ? [text(WIDTH - MARGIN.right + 8, HEIGHT - MARGIN.bottom, "open: cumulative")]
      : []),
  ].join("");
}

function shiftPlot(regime: RegimeSummary, variant: string): string | null {
  const series = [
    ["pytorch-default", "β = .9"],
    ["static-0.99", "β = .99"],
    ["fixmatch", "β = .999"],
    ["dmbn", "DMBN"],
  ].flatMap(([slug, label]) => {
    const method = regime.methods.find(({ method }) => method === `${variant}/${slug}`);
    const points = method?.shiftPerLayer.flatMap(({ shift }, layer) => (shift > 0 ? [{ layer, shift }] : [])) ?? [];
    return points.length > 0 ? [{ label: label!, points }] : [];
  });
  if (series.length === 0) return null;
  const layers = layersOf(regime, variant);
  const shifts = series.flatMap(({ points }) => points.map(({ shift }) => shift));
  const { low, high } = extent(shifts)!;
  const domain = [powerOfTen(low, Math.floor), powerOfTen(high * 1.001, Math.ceil)] as const;
  const xAxis = across(layerAxis(layers));
  const yAxis = upwards({ ...logAxis, label: "‖μ̂ − μ‖ + ‖σ̂ − σ‖", domain });
  const [x, y] = [xAxis.scale, yAxis.scale];
  const labelPositions = spreadLabels(
    series.map(({ points }) => y(points.at(-1)!.shift)),
    LABEL_HEIGHT,
  );
  return [
    drawAxes(xAxis, yAxis),
    ...series.flatMap(({ label, points }, index) => [
      `<path class="line" stroke="${COLOURS[index]}" d="${line<{ layer: number; shift: number }>(
        ({ layer }) => x(layer),
        ({ shift }) => y(shift),
      )(points)}"/>`,
      ...points.map(({ layer, shift }) =>
        dot(
          [x(layer), y(shift), 2.5],
          `fill="${COLOURS[index]}"`,
          `${label}, ${layers[layer]}: ${shift.toPrecision(3)}`,
        ),
      ),
      text(WIDTH - MARGIN.right + 8, labelPositions[index]! + 4, label, `fill="${COLOURS[index]}"`),
    ]),
  ].join("");
}

function momentumPlot(regime: RegimeSummary, variant: string): string | null {
  const dmbn = regime.methods.find(({ method }) => method === `${variant}/dmbn`);
  if (!dmbn) return null;
  const layers = layersOf(regime, variant);
  const dots = dmbn.momentumPerLayer.flatMap((choices, layer) =>
    choices.flatMap(({ momentum, seeds }) => {
      const window = memory(momentum, regime.steps);
      return window === null ? [] : [{ layer, window, seeds, momentum: momentum! }];
    }),
  );
  const xAxis = across(layerAxis(layers));
  const yAxis = upwards({
    ...logAxis,
    label: "memory of β, 1/(1 − β) batches",
    domain: [1, Math.max(2000, regime.steps)],
  });
  const [x, y] = [xAxis.scale, yAxis.scale];
  return [
    drawAxes(xAxis, yAxis),
    ...dots.map(({ layer, window, seeds, momentum }) => {
      const open = momentum === CUMULATIVE ? "open" : "";
      return dot(
        [x(layer), y(window), 3.2 * Math.sqrt(seeds)],
        `stroke="${COLOURS[0]}" class="${open}" fill="${COLOURS[0]}" fill-opacity=".75"`,
        `${layers[layer]}: β = ${momentum} in ${seeds} seed${seeds === 1 ? "" : "s"}`,
      );
    }),
    text(WIDTH - MARGIN.right + 8, MARGIN.top + 12, "area: seeds"),
    ...(dots.some(({ momentum }) => momentum === CUMULATIVE)
      ? [text(WIDTH - MARGIN.right + 8, MARGIN.top + 28, "open: cumulative")]
      : []),
  ].join("");
}

const layersOf = (regime: RegimeSummary, variant: string): string[] =>
  regime.methods
    .find(({ method }: MethodSummary) => method.startsWith(`${variant}/`))!
    .shiftPerLayer.map(({ layer }) => layer);

const logAxis = {
  scale: "log",
  format: (value: number) => value.toLocaleString("en", { maximumSignificantDigits: 3 }),
} as const;

/** The end of a log axis beyond `value`. */
const powerOfTen = (value: number, round: (exponent: number) => number) => Number(`1e${round(Math.log10(value))}`);

/** Every layer by name, or every tenth by number where names would not fit. */
function layerAxis(layers: readonly string[]): ChartAxis {
  const named = layers.length <= 8;
  const places = layers.map((_, layer) => layer);
  return {
    label: "batch-norm layer",
    domain: [-0.5, layers.length - 0.5],
    ticks: named ? places : places.filter((layer) => layer % 10 === 9 || layer === 0),
    format: (layer) => (named ? layers[layer]! : String(layer + 1)),
  };
}

const across = (axis: ChartAxis): FramedAxis =>
  frameAxis(axis, { values: [], range: [MARGIN.left, WIDTH - MARGIN.right], ticks: 4 })!;

const upwards = (axis: ChartAxis, values: readonly number[] = []): FramedAxis =>
  frameAxis(axis, {
    values,
    range: [HEIGHT - MARGIN.bottom, MARGIN.top],
    ticks: axis.scale === "log" ? 4 : 6,
    nice: 10,
  })!;

function drawAxes(x: FramedAxis, y: FramedAxis): string {
  const bottom = HEIGHT - MARGIN.bottom;
  return [
    ...y.ticks.flatMap(({ at, label }) => [
      `<path class="grid" d="M${MARGIN.left} ${n(at)}H${WIDTH - MARGIN.right}"/>`,
      text(MARGIN.left - 8, at + 4, label, 'text-anchor="end"'),
    ]),
    ...x.ticks.flatMap(({ at, label }) => [
      `<path class="axis" d="M${n(at)} ${bottom}v5"/>`,
      text(at, bottom + 18, label, 'text-anchor="middle"'),
    ]),
    `<path class="axis" d="M${MARGIN.left} ${bottom}H${WIDTH - MARGIN.right}"/>`,
    text((MARGIN.left + WIDTH - MARGIN.right) / 2, HEIGHT - 10, x.label, 'text-anchor="middle"'),
    text(MARGIN.left - 44, MARGIN.top - 10, y.label),
  ].join("");
}

const n = (value: number) => Number(value.toFixed(2));
const escaped = (value: string) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const text = (x: number, y: number, content: string, attributes = "") =>
  `<text x="${n(x)}" y="${n(y)}" ${attributes}>${escaped(content)}</text>`;

/** A circle of radius `r` with a tooltip. */
const dot = ([cx, cy, r]: readonly [number, number, number], attributes: string, title: string) =>
  `<circle cx="${n(cx)}" cy="${n(cy)}" r="${n(r)}" ${attributes}><title>${title}</title></circle>`;

const style = [
  "svg{background:#fdfcfa;font:12px system-ui,sans-serif;fill:#20262e}",
  "path{fill:none}",
  ".line{stroke-width:1.75}",
  ".level{stroke-width:1.5;stroke-dasharray:6 3}",
  ".grid{stroke:#e4e2de}",
  ".axis{stroke:#8b9098}",
  ".open{fill:#fdfcfa;fill-opacity:1}",
  ".title{font-size:14px;font-weight:600}",
].join("");

const frame = (title: string, marks: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" ` +
  `role="img" aria-label="${escaped(title)}"><style>${style}</style>` +
  `${text(MARGIN.left - 44, 18, title, 'class="title"')}${marks}</svg>\n`;
