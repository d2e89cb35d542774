/**
 * Methods as dots, drawn on the server: thin bars for intervals, lines for a frontier or a record, reference levels, a
 * few names. A collapsed table holds the numbers.
 */
import type { ReactNode } from "react";
import type { ChartAxis } from "@/lib/charts/frame";
import { formatValue, frameAxis } from "@/lib/charts/frame";
import { NotDrawn } from "./not-drawn";
import { PlotFrame, share } from "./plot-frame";

interface Range {
  at: number;
  /** Absent for a single seed. */
  low?: number | null;
  high?: number | null;
}

export interface ScatterPoint {
  /** Identifies its row in the table. */
  key: string;
  name: string;
  x: Range;
  y: Range;
  /** The memory ramp's CSS class. */
  memory: string;
  /** Text beside the dot. */
  label?: string | undefined;
  /** A ring instead of a dot, for another variant. */
  ring?: boolean;
}

interface ScatterChartProps {
  /** The finding, in a sentence. */
  title: ReactNode;
  /** What is drawn, and n. */
  note: ReactNode;
  /** Text alternative: what a sighted reader sees. */
  words: string;
  x: ChartAxis;
  y: ChartAxis;
  points: readonly ScatterPoint[];
  /** A step or straight line in data coordinates: the frontier, the record. */
  line?: readonly { x: number; y: number }[];
  /** Horizontal lines with a name at their end. */
  levels?: readonly { name: string; y: number; dash?: string }[];
  /** URL of a file with all points; the table has only the first. */
  file?: string | undefined;
  height?: number;
}

export function ScatterChart({ title, note, file, ...plot }: ScatterChartProps) {
  return (
    <figure className="figure scatter">
      <figcaption>
        <h2>{title}</h2>
        <p className="note">{note}</p>
      </figcaption>
      <ScatterPlot {...plot} />
      <PointsBehind {...plot} file={file} />
    </figure>
  );
}

function ScatterPlot({
  words,
  x: xAxis,
  y: yAxis,
  points,
  line = [],
  levels = [],
  height = 280,
}: Omit<ScatterChartProps, "title" | "note" | "file">) {
  const x = frameAxis(xAxis, {
    values: points.flatMap((point) => ends(point.x)).filter((value) => xAxis.scale !== "log" || value > 0),
    range: [0.05, 0.95],
    ticks: 6,
  });
  const y = frameAxis(yAxis, {
    values: [...points.flatMap((point) => ends(point.y)), ...levels.map((level) => level.y)],
    range: [1, 0],
    ticks: 4,
    nice: 4,
    plainTicks: !yAxis.format,
  });
  if (!x || !y) return <NotDrawn words={words} />;
  // On a log axis, values ≤ 0 are drawn at the left edge.
  const left = xAxis.scale === "log" ? x.scale.domain()[0]! : Number.NEGATIVE_INFINITY;
  const px = (value: number) => x.scale(Math.max(value, left)).toFixed(4);
  const py = (value: number) => y.scale(value).toFixed(4);
  return (
    <PlotFrame
      words={words}
      x={x}
      y={y}
      yLabelled
      height={height}
      right={levels.length > 0 ? 128 : 12}
      labels={levels.map(({ name, y: value }) => ({ name, at: y.scale(value) }))}
      marks={
        <>
          {levels.map((level) => (
            <path key={level.name} className="level" d={`M0 ${py(level.y)}H1`} strokeDasharray={level.dash} />
          ))}
          {line.length > 1 && (
            <path
              className="frontier"
              d={line.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${px(x)} ${py(y)}`).join("")}
            />
          )}
          {points.map((point) => (
            <Dot key={point.key} point={point} px={px} py={py} />
          ))}
        </>
      }
    >
      {labelledApart(points, (point) => [x.scale(point.x.at), y.scale(point.y.at) * height]).map((point) => {
        const at = x.scale(point.x.at);
        const before = at > 0.5; // where there is more room; a longer name is cut
        return (
          <span
            key={point.key}
            className="point-label"
            data-end={before || undefined}
            style={{
              left: share(at),
              top: y.scale(point.y.at) * height,
              maxInlineSize: share(before ? at : 1 - at),
            }}
            title={point.label}
          >
            {point.label}
          </span>
        );
      })}
    </PlotFrame>
  );
}

const ends = ({ at, low, high }: Range): [number, number] => [low ?? at, high ?? at];

interface DotProps {
  point: ScatterPoint;
  /** Maps a value to its position in the plot. */
  px: (value: number) => string;
  py: (value: number) => string;
}

/** A method: its two intervals, and a dot or a ring. */
function Dot({ point: { key, x, y, memory, ring }, px, py }: DotProps) {
  const [left, right] = ends(x);
  const [low, high] = ends(y);
  const place = `M${px(x.at)} ${py(y.at)}h0`;
  return (
    <g data-key={key} className={memory}>
      <path className="bars" d={`M${px(left)} ${py(y.at)}H${px(right)}M${px(x.at)} ${py(low)}V${py(high)}`} />
      {ring && <path className="points ring" d={place} />}
      <path className={ring ? "points hole" : "points"} d={place} />
    </g>
  );
}

/** Points whose labels don't overlap an earlier one: 16 px above or below it, or a third of the width beside it. */
function labelledApart(
  points: readonly ScatterPoint[],
  place: (point: ScatterPoint) => [number, number],
): ScatterPoint[] {
  const placed: [number, number][] = [];
  return points.filter((point) => {
    if (!point.label) return false;
    const [x, y] = place(point);
    const clear = placed.every(([left, top]) => Math.abs(y - top) >= 16 || Math.abs(x - left) > 0.34);
    if (clear) placed.push([x, y]);
    return clear;
  });
}

/** Most rows in a chart's table; the file has all of them. */
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
    ? `${formatValue(axis, at)} (${formatValue(axis, low)} to ${formatValue(axis, high)})`
    : formatValue(axis, at);
