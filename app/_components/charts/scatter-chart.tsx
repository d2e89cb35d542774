/**
 * Methods as dots, drawn on the server: intervals as thin bars, lines that
 * mark a frontier or a record, reference levels, a few names. Its numbers
 * stand behind it in a table.
 */
import type { ReactNode } from "react";
import type { ChartAxis } from "./axes";
import { format, makeScale, spread, ticks } from "./axes";

interface Range {
  at: number;
  /** Absent for a single seed. */
  low?: number | null;
  high?: number | null;
}

export interface ScatterPoint {
  /** What the table's row is called. */
  key: string;
  name: string;
  x: Range;
  y: Range;
  /** The ramp's class. */
  memory: string;
  /** Printed beside the dot. */
  label?: string | undefined;
  /** A ring instead of a dot: another variant. */
  ring?: boolean;
}

interface ScatterChartProps {
  /** The finding, in a sentence. */
  title: ReactNode;
  /** What is drawn, and n. */
  note: ReactNode;
  /** Text alternative: what a reader would see. */
  words: string;
  x: ChartAxis;
  y: ChartAxis;
  points: readonly ScatterPoint[];
  /** Stairs or lines, in values: the frontier, the record. */
  line?: readonly { x: number; y: number }[];
  /** Horizontal lines with a name at their end. */
  levels?: readonly { name: string; y: number; dash?: string }[];
  /** All points as a file: the table behind holds the first. */
  file?: string | undefined;
  height?: number;
}

export function ScatterChart({
  title,
  note,
  words,
  x,
  y,
  points,
  line = [],
  levels = [],
  file,
  height = 280,
}: ScatterChartProps) {
  const spans = (range: Range) => [range.low ?? range.at, range.high ?? range.at];
  const positive = (axis: ChartAxis, values: number[]) =>
    axis.scale === "log" ? values.filter((value) => value > 0) : values;
  const xScale = makeScale(
    x,
    positive(
      x,
      points.flatMap((point) => spans(point.x)),
    ),
    [0.05, 0.95],
    false,
  );
  const yScale = makeScale(
    y,
    [...points.flatMap((point) => spans(point.y)), ...levels.map((level) => level.y)],
    [1, 0],
    true,
  );
  const [xTicks, yTicks] = [x.ticks ?? ticks(x, xScale, 6), y.ticks ?? ticks(y, yScale, 4)];
  const [left] = xScale.domain() as [number, number];
  const px = (value: number) => xScale(Math.max(value, x.scale === "log" ? left : value)).toFixed(4);
  const py = (value: number) => yScale(value).toFixed(4);
  const bars = (point: ScatterPoint) =>
    `M${px(spans(point.x)[0]!)} ${py(point.y.at)}H${px(spans(point.x)[1]!)}M${px(point.x.at)} ${py(spans(point.y)[0]!)}V${py(spans(point.y)[1]!)}`;
  const levelLabels = spread(
    levels.map((level) => ({ ...level, at: yScale(level.y) * height })),
    height,
  );
  return (
    <figure className="figure scatter">
      <figcaption>
        <h2>{title}</h2>
        <p className="note">{note}</p>
      </figcaption>
      <div
        className="plot"
        role="img"
        aria-label={words}
        style={{ ["--plot-right" as string]: `${levels.length > 0 ? 128 : 12}px` }}
      >
        <div className="plot-area" style={{ height }}>
          <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
            <path className="grid" d={yTicks.map((tick) => `M0 ${py(tick)}H1`).join("")} />
            <path className="base" d="M0 1H1" />
            {levels.map((level) => (
              <path key={level.name} className="level" d={`M0 ${py(level.y)}H1`} strokeDasharray={level.dash} />
            ))}
            {line.length > 1 && (
              <path
                className="frontier"
                d={line.map((one, index) => `${index === 0 ? "M" : "L"}${px(one.x)} ${py(one.y)}`).join("")}
              />
            )}
            {points.map((point) => (
              <g key={point.key} data-key={point.key} className={point.memory}>
                <path className="bars" d={bars(point)} />
                {point.ring && <path className="points ring" d={`M${px(point.x.at)} ${py(point.y.at)}h0`} />}
                <path className={point.ring ? "points hole" : "points"} d={`M${px(point.x.at)} ${py(point.y.at)}h0`} />
              </g>
            ))}
          </svg>
          {yTicks.map((tick) => (
            <span key={tick} className="y-tick" style={{ bottom: share(1 - yScale(tick)) }}>
              {y.format ? format(y, tick) : yScale.tickFormat(4)(tick)}
            </span>
          ))}
          {xTicks.map((tick) => (
            <span key={tick} className="x-tick" style={{ left: share(xScale(tick)) }}>
              {format(x, tick)}
            </span>
          ))}
          <span className="x-label">{x.label}</span>
          <span className="y-label">{y.label}</span>
          {levelLabels.map(({ name, at }) => (
            <span key={name} className="line-label" style={{ top: at }}>
              {name}
            </span>
          ))}
          {apart(
            points.filter(({ label }) => label),
            (point) => [xScale(point.x.at), yScale(point.y.at) * height],
          ).map((point) => (
            <span
              key={point.key}
              className="point-label"
              data-end={xScale(point.x.at) > 0.7 || undefined}
              style={{ left: share(xScale(point.x.at)), top: yScale(point.y.at) * height }}
            >
              {point.label}
            </span>
          ))}
        </div>
      </div>
      <PointsBehind x={x} y={y} points={points} file={file} />
    </figure>
  );
}

/** Those whose labels stand clear of the ones before: 16 px up or down, or a third of the width aside. */
function apart(points: readonly ScatterPoint[], place: (point: ScatterPoint) => [number, number]): ScatterPoint[] {
  const kept: [number, number][] = [];
  return points.filter((point) => {
    const [x, y] = place(point);
    const clear = kept.every(([left, top]) => Math.abs(y - top) >= 16 || Math.abs(x - left) > 0.34);
    if (clear) kept.push([x, y]);
    return clear;
  });
}

/** At most this many rows stand behind a chart; the file has all. */
const rowsBehind = 25;

function PointsBehind({ x, y, points, file }: Pick<ScatterChartProps, "x" | "y" | "points" | "file">) {
  return (
    <details className="no-print">
      <summary>The numbers as a table</summary>
      <div className="table-scroll" role="region" aria-label={`${y.label} and ${x.label}`} tabIndex={0}>
        <table className="data-table">
          <caption className="sr-only">
            {y.label} and {x.label}
          </caption>
          <thead>
            <tr>
              <th scope="col" className="name">
                Method
              </th>
              <th scope="col" data-align="end">
                {x.label}
              </th>
              <th scope="col" data-align="end">
                {y.label}
              </th>
            </tr>
          </thead>
          <tbody>
            {points.slice(0, rowsBehind).map((point) => (
              <tr key={point.key}>
                <th scope="row" className="name">
                  {point.name}
                </th>
                <td data-align="end">{ranged(x, point.x)}</td>
                <td data-align="end">{ranged(y, point.y)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {points.length > rowsBehind && file && (
        <p className="note mt-2">
          The first {rowsBehind} of {points.length}; <a href={file}>all as CSV</a>.
        </p>
      )}
    </details>
  );
}

const ranged = (axis: ChartAxis, { at, low, high }: Range): string =>
  typeof low === "number" && typeof high === "number"
    ? `${format(axis, at)} (${format(axis, low)} to ${format(axis, high)})`
    : format(axis, at);

const share = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`;
