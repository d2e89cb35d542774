/** Policies as lines over the axes, and the policy that comes first. */
import { memoryClass } from "@/app/_components/momentum/memory";
import type { MemoryBadge } from "@/app/_components/momentum/momentum";
import { percent, plural } from "@/app/_components/text/format";
import type { Overview } from "@/lib/server/boards/overview";
import type { Axis } from "./axes";
import { Brush } from "./brush";

export type Row = Overview["policies"][number] & { badge: MemoryBadge };

/** The policies with the highest mean, in a sentence. */
export function finding(axes: readonly Axis[], rows: readonly Row[]): string {
  const firsts = axes.flatMap((_, index) => {
    const scored = rows.filter(({ accuracy }) => accuracy[index] !== null);
    return scored.length > 0
      ? [scored.reduce((most, row) => (row.accuracy[index]! > most.accuracy[index]! ? row : most)).name]
      : [];
  });
  const names = [...new Set(firsts)];
  if (names.length === 0) return "No policy lies within all these ranges";
  return names.length === 1
    ? `${names[0]} has the highest mean everywhere`
    : `${names.length} policies share the first places of ${axes.length} boards: ` +
        `${names.slice(0, 3).join(", ")}${names.length > 3 ? " …" : ""}`;
}

const height = 320;

export function Lines({
  axes,
  rows,
  inside,
}: {
  axes: readonly Axis[];
  rows: readonly Row[];
  inside: ReadonlySet<Row>;
}) {
  const y = (index: number, value: number) => 1 - (value - axes[index]!.low) / (axes[index]!.high - axes[index]!.low);
  /** Broken where a policy has no score; an isolated value is a dot. */
  const path = ({ accuracy }: Row) =>
    accuracy
      .map((value, index) =>
        value === null
          ? ""
          : `${index === 0 || accuracy[index - 1] === null ? "M" : "L"}${axes[index]!.x.toFixed(4)} ` +
            `${y(index, value).toFixed(4)}${accuracy[index - 1] == null && accuracy[index + 1] == null ? "h0" : ""}`,
      )
      .join("");
  const ordered = [...rows].sort((a, b) => Number(inside.has(a)) - Number(inside.has(b)));
  return (
    <div className="table-scroll long" role="region" aria-label="Lines over all boards" tabIndex={0}>
      <div
        className="plot parallel"
        role="img"
        aria-label={
          `${plural(inside.size, "policy", "policies")} over ${plural(axes.length, "board")}; the table below has ` +
          "the figures."
        }
        style={{ minInlineSize: `${axes.length * 110 + 60}px` }}
      >
        <div className="plot-area" style={{ height }}>
          <Brush
            form="ranges"
            axes={axes.map(({ key, x, low, high }) => ({ key, x, low: 100 * low, high: 100 * high }))}
          >
            <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
              {axes.map(({ key, x }) => (
                <path key={key} className="base" d={`M${x} 0V1`} />
              ))}
              {axes.map(({ key, x, min, max }, index) =>
                min === null && max === null ? null : (
                  <path
                    key={key}
                    className="kept"
                    d={`M${x} ${clamp(y(index, min ?? 0))}V${clamp(y(index, max ?? 1))}`}
                  />
                ),
              )}
              {ordered.map((row) => (
                <path
                  key={row.slug}
                  data-key={row.slug}
                  data-out={inside.has(row) ? undefined : ""}
                  className={`line ${memoryClass(row.badge.memory)}`}
                  d={path(row)}
                />
              ))}
            </svg>
          </Brush>
          {axes.map(({ key, title, variant, x, low, high }) => (
            <span
              key={key}
              className="axis-label"
              style={{ left: `${100 * x}%` }}
              data-side={x === 0 ? "start" : x === 1 ? "end" : undefined}
            >
              {title}
              <br />
              {variant}, {percent(low)} to {percent(high)} %
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}

const clamp = (fraction: number): number => Math.min(1, Math.max(0, fraction));
