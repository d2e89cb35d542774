/** A paired difference in points with its verdict in a word, for a cell. */
import { Missing } from "@/app/_components/tables/data-table";
import { percent } from "@/app/_components/text/format";
import type { Comparison } from "./labels";
import { verdictLabels } from "./labels";

export function Difference({ comparison }: { comparison: Comparison | undefined }) {
  if (!comparison) return <Missing why="not compared" />;
  const { difference, verdict } = comparison;
  const { mean, interval } = difference;
  return (
    <span data-verdict={verdict} className="verdict">
      {signed(mean)}
      {interval && <span className="margin"> ± {percent((interval.high - interval.low) / 2, 1)}</span>}{" "}
      <span className="verdict-word">{verdictLabels[verdict]}</span>
    </span>
  );
}

/** Points with their sign: 0.0171 → "+1.7"; no sign if they round to zero. */
function signed(difference: number): string {
  const points = percent(Math.abs(difference), 1);
  return Number(points) === 0 ? points : `${difference > 0 ? "+" : "−"}${points}`;
}
