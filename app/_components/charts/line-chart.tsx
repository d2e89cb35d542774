/**
 * A line chart drawn on the server: the heading states the finding, a note says
 * what is drawn, lines are labelled directly, and the numbers stand behind it
 * in a table.
 */
import { area, line } from "d3-shape";
import type { ReactNode } from "react";
import type { ChartAxis } from "./axes";
import { format, makeScale, spread, ticks } from "./axes";

export interface ChartPoint {
  x: number;
  y: number;
  /** An interval around y, drawn as a band. */
  low?: number;
  high?: number;
}

export interface ChartSeries {
  name: string;
  points: readonly ChartPoint[];
  /** The ramp's class, where the line is a memory; ink otherwise. */
  memory?: string;
  /** SVG dash pattern in px, to tell lines apart that are not memories. */
  dash?: string | undefined;
  /** Dots instead of a line. */
  dots?: boolean;
  /** Dots behind everything else, without a label. */
  quiet?: boolean;
  /** No label at its end: a heading or a legend says what it is. */
  unlabelled?: boolean;
}

interface LineChartProps {
  /** The finding, in a sentence; null where a heading already stands above. */
  title: ReactNode;
  /** What is drawn, over what, and n. */
  note?: ReactNode;
  /** Text alternative: what a reader would see. */
  words: string;
  x: ChartAxis;
  y: ChartAxis;
  series: readonly ChartSeries[];
  /** A mark on the x axis with its label. */
  needle?: { x: number; label: string };
  /** Height of the plotted area in px. Default: 240. */
  height?: number;
  /** Room for the lines' labels in px. Default: 92; 8 without labels. */
  labelWidth?: number;
  /** Controls below the plot. */
  children?: ReactNode;
}

export function LineChart({ title, note, words, children, ...plot }: LineChartProps) {
  return (
    <figure className="figure">
      {(title || note) && (
        <figcaption>
          {title && <h3>{title}</h3>}
          {note && <p className="note">{note}</p>}
        </figcaption>
      )}
      <Plot words={words} {...plot} />
      {children}
      <NumbersBehind {...plot} />
    </figure>
  );
}

type PlotProps = Omit<LineChartProps, "title" | "note" | "children">;

/** The drawing alone, for pages that redraw it as something moves. */
export function Plot({ words, x, y, series, needle, height = 240, labelWidth }: PlotProps) {
  const xs = series.flatMap(({ points }) => points.map((point) => point.x));
  const ys = series.flatMap(({ points }) => points.flatMap((point) => [point.low ?? point.y, point.high ?? point.y]));
  const xScale = makeScale(x, xs, [0, 1], false);
  const yScale = makeScale(y, ys, [1, 0], true);
  const xTicks = x.ticks ?? ticks(x, xScale, 5);
  const yTicks = y.ticks ?? ticks(y, yScale, 4);
  const tickWords = y.scale === "log" || y.ticks ? (tick: number) => format(y, tick) : yScale.tickFormat(4);
  const labels = spread(
    series
      .filter(({ points, quiet, unlabelled }) => points.length > 0 && !quiet && !unlabelled)
      .map((one) => ({ ...one, at: yScale(one.points.at(-1)!.y) * height })),
    height,
  );
  const right = labelWidth ?? (labels.length > 1 ? 92 : 8);
  const path = line<ChartPoint>(
    (point) => xScale(point.x),
    (point) => yScale(point.y),
  );
  const band = area<ChartPoint>(
    (point) => xScale(point.x),
    (point) => yScale(point.low ?? point.y),
    (point) => yScale(point.high ?? point.y),
  );
  return (
    <div className="plot" role="img" aria-label={words} style={{ ["--plot-right" as string]: `${right}px` }}>
      <div className="plot-area" style={{ height }}>
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
          {yTicks.map((tick) => (
            <line key={tick} className="grid" x1={0} x2={1} y1={yScale(tick)} y2={yScale(tick)} />
          ))}
          <line className="base" x1={0} x2={1} y1={1} y2={1} />
          {series.map(({ name, points, memory = "", dash, dots, quiet }) => (
            <g key={name} className={memory}>
              {points.some(({ low }) => low !== undefined) && <path className="band" d={band(points) ?? ""} />}
              {dots || quiet ? (
                <path
                  className="points"
                  data-quiet={quiet}
                  d={points.map((point) => `M${round(xScale(point.x))} ${round(yScale(point.y))}h0`).join("")}
                />
              ) : (
                <path className="line" d={path.digits(4)(points) ?? ""} strokeDasharray={dash} />
              )}
            </g>
          ))}
          {needle && <line className="needle" x1={xScale(needle.x)} x2={xScale(needle.x)} y1={0} y2={1} />}
        </svg>
        {yTicks.map((tick) => (
          <span key={tick} className="y-tick" style={{ bottom: share(1 - yScale(tick)) }}>
            {tickWords(tick)}
          </span>
        ))}
        {xTicks.map((tick) => (
          <span key={tick} className="x-tick" style={{ left: share(xScale(tick)) }}>
            {format(x, tick)}
          </span>
        ))}
        <span className="x-label">{x.label}</span>
        {right > 8 &&
          labels.map(({ name, memory, at }) => (
            <span key={name} className={`line-label ${memory ?? ""}`} style={{ top: at }}>
              {name}
            </span>
          ))}
        {needle && (
          <span className="needle-label" style={{ left: share(xScale(needle.x)) }}>
            {needle.label}
          </span>
        )}
      </div>
    </div>
  );
}

/** At most this many rows stand behind a chart; longer series are thinned evenly, ends kept. */
const rowsBehind = 25;

/** The series as a table, closed until asked for. */
export function NumbersBehind({ x, y, series }: Pick<LineChartProps, "x" | "y" | "series">) {
  const steps = thin(
    [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))].sort((a, b) => a - b),
    rowsBehind,
  );
  const columns = series.map(({ name, points }) => ({ name, at: new Map(points.map((point) => [point.x, point.y])) }));
  return (
    <details className="no-print">
      <summary>The numbers as a table</summary>
      <div className="table-scroll" role="region" aria-label={`${y.label} against ${x.label}`} tabIndex={0}>
        <table className="data-table">
          <caption className="sr-only">
            {y.label} against {x.label}
          </caption>
          <thead>
            <tr>
              <th scope="col" className="name">
                {x.label}
              </th>
              {columns.map(({ name }) => (
                <th key={name} scope="col" data-align="end">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <tr key={step}>
                <th scope="row" className="name">
                  {format(x, step)}
                </th>
                {columns.map(({ name, at }) => (
                  <td key={name} data-align="end">
                    {at.has(step) ? format(y, at.get(step)!) : <span className="missing">–</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function thin(values: readonly number[], most: number): number[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, index) => values[Math.round((index * (values.length - 1)) / (most - 1))]!);
}

const share = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`;
const round = (value: number): string => value.toFixed(4);
