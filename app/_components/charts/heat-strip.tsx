/**
 * A row of cells, one a board, from paper to ink: how far from the best. Levels instead of a continuous scale, so that
 * a cell can be matched with the legend; lightness alone, so that it reads in grey. The value is in the tooltip and, for
 * screen readers, in the text.
 */
import { percent } from "../text/format";

/** Upper ends of the levels in points; beyond the last is the darkest. */
const levels = [0.5, 1, 2, 5, 10] as const;

/** The level of a loss, a fraction of accuracy from 0. */
export const levelOf = (loss: number): number => {
  const level = levels.findIndex((end) => 100 * loss < end);
  return level === -1 ? levels.length : level;
};

/** @param cells in the order of the boards; a loss as a fraction of accuracy, null where there is none */
export function HeatStrip({ cells }: { cells: readonly { name: string; loss: number | null }[] }) {
  return (
    <ol className="heat">
      {cells.map(({ name, loss }) => {
        const words = `${name}: ${loss === null ? "not scored" : loss === 0 ? "the best" : `${percent(loss, 2)} points behind`}`;
        return (
          <li key={name} title={words} data-level={loss === null ? "none" : levelOf(loss)}>
            <span className="sr-only">{words}</span>
          </li>
        );
      })}
    </ol>
  );
}

export function HeatLegend({ title }: { title: string }) {
  const ends = levels.map((end, index) => (index === 0 ? `under ${end}` : `${levels[index - 1]} to ${end}`));
  return (
    <figure className="inline-grid gap-1">
      <figcaption className="text-head text-ink-3">{title}</figcaption>
      <ul className="heat-legend">
        {[...ends, `${levels.at(-1)} and more`].map((label, level) => (
          <li key={label}>
            <span className="heat-mark" data-level={level} />
            {label}
          </li>
        ))}
      </ul>
    </figure>
  );
}
