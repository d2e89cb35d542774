/**
 * A line chart drawn on the server: the heading states the finding, a note says what is drawn, lines are labelled
 * directly, and a collapsed table holds the numbers.
 */
import { area, line } from "d3-shape";
import type { ReactNode } from "react";
import type { ChartAxis, FramedAxis } from "@/lib/charts/frame";
import { formatValue, frameAxis } from "@/lib/charts/frame";
import { NotDrawn } from "./not-drawn";
import { PlotFrame, share } from "./plot-frame";

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
  /** The memory ramp's CSS class, where the line shows a memory. Default: ink. */
  memory?: string;
  /** SVG dash pattern in px, to distinguish lines that don't show a memory. */
  dash?: string | undefined;
  /** Dots instead of a line. */
  dots?: boolean;
  /** Draws dots behind everything else, without a label. */
  quiet?: boolean;
  /** Omits the label at the end, where a heading or a legend names the line. */
  unlabelled?: boolean;
}

interface LineChartProps {
  /** The finding, in a sentence; null where the page already has a heading. */
  title: ReactNode;
  /** What is plotted against what, and n. */
  note?: ReactNode;
  /** Text alternative: what a sighted reader sees. */
  words: string;
  x: ChartAxis;
  y: ChartAxis;
  series: readonly ChartSeries[];
  /** A mark on the x axis with its label. */
  needle?: { x: number; label: string };
  /** Height of the plotted area in px. Default: 240. */
  height?: number;
  /** Width reserved for the lines' labels, in px. Default: 92; 8 without labels. */
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

/** The plot without heading and table, for pages that redraw it during an interaction. */
export function Plot({ words, x: xAxis, y: yAxis, series, needle, height = 240, labelWidth }: PlotProps) {
  const x = frameAxis(xAxis, {
    values: series.flatMap(({ points }) => points.map((point) => point.x)),
    range: [0, 1],
    ticks: 5,
  });
  const y = frameAxis(yAxis, {
    values: series.flatMap(({ points }) => points.flatMap(({ y, low = y, high = y }) => [low, high])),
    range: [1, 0],
    ticks: 4,
    nice: 4,
    plainTicks: yAxis.scale !== "log" && !yAxis.ticks,
  });
  if (!x || !y) return <NotDrawn words={words} />;
  const labels = series.flatMap(({ name, memory, points, quiet, unlabelled }) => {
    const last = points.at(-1);
    const at = last && !quiet && !unlabelled ? y.scale(last.y) : Number.NaN;
    return Number.isFinite(at) ? [{ name, memory, at }] : [];
  });
  const right = labelWidth ?? (labels.length > 1 ? 92 : UNLABELLED_WIDTH);
  return (
    <PlotFrame
      words={words}
      x={x}
      y={y}
      height={height}
      right={right}
      labels={right > UNLABELLED_WIDTH ? labels : []}
      marks={
        <>
          {series.map((line) => (
            <Line key={line.name} x={x} y={y} {...line} />
          ))}
          {needle && <line className="needle" x1={x.scale(needle.x)} x2={x.scale(needle.x)} y1={0} y2={1} />}
        </>
      }
    >
      {needle && (
        <span className="needle-label" style={{ left: share(x.scale(needle.x)) }}>
          {needle.label}
        </span>
      )}
    </PlotFrame>
  );
}

/** Right margin in px of a plot without labels. */
const UNLABELLED_WIDTH = 8;

interface LineProps extends ChartSeries {
  x: FramedAxis;
  y: FramedAxis;
}

/** One series: its band, and a line or dots. */
function Line({ x, y, points: all, memory, dash, dots, quiet }: LineProps) {
  // On a log axis, zero has no place.
  const points = all.filter((point) => Number.isFinite(x.scale(point.x)) && Number.isFinite(y.scale(point.y)));
  const path = line<ChartPoint>(
    (point) => x.scale(point.x),
    (point) => y.scale(point.y),
  );
  const band = area<ChartPoint>(
    (point) => x.scale(point.x),
    (point) => y.scale(point.low ?? point.y),
    (point) => y.scale(point.high ?? point.y),
  );
  return (
    <g className={memory ?? ""}>
      {points.some(({ low }) => low !== undefined) && <path className="band" d={band(points) ?? ""} />}
      {dots || quiet ? (
        <path
          className="points"
          data-quiet={quiet}
          d={points.map((point) => `M${x.scale(point.x).toFixed(4)} ${y.scale(point.y).toFixed(4)}h0`).join("")}
        />
      ) : (
        <path className="line" d={path.digits(4)(points) ?? ""} strokeDasharray={dash} />
      )}
    </g>
  );
}

/** Most rows in a chart's table. Longer series are thinned evenly; both ends stay. */
const rowsBehind = 25;

/** The series as a table, collapsed by default. */
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
                  {formatValue(x, step)}
                </th>
                {columns.map(({ name, at }) => (
                  <td key={name} data-align="end">
                    {at.has(step) ? formatValue(y, at.get(step)!) : <span className="missing">–</span>}
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
