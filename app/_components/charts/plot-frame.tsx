/** The frame of every plot: gridlines, ticks, axis labels, and line labels at the right. */
import type { ReactNode } from "react";
import type { FramedAxis } from "@/lib/charts/frame";
import { spreadLabels } from "@/lib/charts/frame";

/** Height of a label in px. */
const LABEL_HEIGHT = 14;

export interface EndLabel {
  name: string;
  /** Preferred position, as a fraction of the plot from its top. */
  at: number;
  /** The memory ramp's CSS class, where the line shows a memory. Default: ink. */
  memory?: string | undefined;
}

interface PlotFrameProps {
  /** Text alternative: what a sighted reader sees. */
  words: string;
  /** Positions are fractions of the plot, from its left and its top. */
  x: FramedAxis;
  y: FramedAxis;
  /** Shows the label of the y axis, above the plot. */
  yLabelled?: boolean;
  /** Height of the plotted area, in px. */
  height: number;
  /** Right margin in px. */
  right: number;
  /** At the right, moved apart so that none overlap. */
  labels: readonly EndLabel[];
  /** Drawn in the plot's SVG, in a 1 × 1 coordinate system. */
  marks: ReactNode;
  /** HTML text over the marks. */
  children?: ReactNode;
}

export function PlotFrame(props: PlotFrameProps) {
  const { words, x, y, yLabelled = false, height, right, marks, children } = props;
  // The table below the plot names lines that are too many to be named beside it.
  const labels = props.labels.length * LABEL_HEIGHT <= height ? props.labels : [];
  const heights = spreadLabels(
    labels.map(({ at }) => at * height),
    LABEL_HEIGHT,
    height,
  );
  const fromTop = labels
    .map((label, index) => ({ ...label, top: heights[index]! }))
    .sort((upper, lower) => upper.top - lower.top);
  return (
    <div className="plot" role="img" aria-label={words} style={{ ["--plot-right" as string]: `${right}px` }}>
      <div className="plot-area" style={{ height }}>
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
          {y.ticks.map(({ value, at }) => (
            <line key={value} className="grid" x1={0} x2={1} y1={at} y2={at} />
          ))}
          <line className="base" x1={0} x2={1} y1={1} y2={1} />
          {marks}
        </svg>
        {y.ticks.map(({ value, at, label }) => (
          <span key={value} className="y-tick" style={{ bottom: share(1 - at) }}>
            {label}
          </span>
        ))}
        {x.ticks.map(({ value, at, label }) => (
          <span key={value} className="x-tick" style={{ left: share(at) }}>
            {label}
          </span>
        ))}
        <span className="x-label">{x.label}</span>
        {yLabelled && <span className="y-label">{y.label}</span>}
        {fromTop.map(({ name, memory, top }) => (
          <span key={name} className={memory ? `line-label ${memory}` : "line-label"} style={{ top }} title={name}>
            {name}
          </span>
        ))}
        {children}
      </div>
    </div>
  );
}

/** A fraction as a CSS percentage. */
export const share = (fraction: number): string => `${(100 * fraction).toFixed(2)}%`;
