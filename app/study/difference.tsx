/** A paired difference in points with its verdict in a word, for a cell. */
import { Missing } from "@/app/_components/tables/data-table";
import { percent, signed } from "@/app/_components/text/format";
import type { Interval } from "@/lib/evaluation";
import type { Comparison, Verdict } from "./labels";
import { verdictLabels } from "./labels";

export function Difference({ comparison }: { comparison: Comparison | undefined }) {
  if (!comparison) return <Missing why="not compared" />;
  const { difference, verdict } = comparison;
  return <InPoints difference={difference} verdict={verdict} word={verdictLabels[verdict]} />;
}

interface InPointsProps {
  difference: { mean: number; interval: Interval | null };
  verdict: Verdict;
  word: string;
}

export function InPoints({ difference: { mean, interval }, verdict, word }: InPointsProps) {
  const rounded = Number(percent(Math.abs(mean))) === 0 ? 0 : mean; // no sign if it rounds to zero
  return (
    <span data-verdict={verdict} className="verdict">
      {rounded === 0 ? "0.0" : signed(rounded)}
      {interval && <span className="margin"> ± {percent((interval.high - interval.low) / 2)}</span>}{" "}
      <span className="verdict-word">{word}</span>
    </span>
  );
}
