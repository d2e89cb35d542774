/** A paired difference in points with its verdict in a word, for a cell. */
import { Missing } from "@/app/_components/tables/data-table";
import { percent, signed } from "@/app/_components/text/format";
import type { Interval } from "@/lib/evaluation";
import type { Comparison, Verdict } from "./labels";
import { verdictLabels } from "./labels";

export function Difference({ comparison }: { comparison: Comparison | undefined }) {
  if (!comparison) return <Missing why="not compared" />;
  const { difference, verdict } = comparison;
  return <PairedCell difference={difference} verdict={verdict} word={verdictLabels[verdict]} />;
}

interface PairedCellProps {
  difference: { mean: number; interval: Interval | null };
  verdict: Verdict;
  word: string;
  /** How a difference is written, signed or not. Default: in points. */
  show?: (value: number) => string;
}

export function PairedCell({ difference: { mean, interval }, verdict, word, show }: PairedCellProps) {
  return (
    <span data-verdict={verdict} className="verdict">
      {(show ?? points)(mean)}
      {interval && <span className="margin"> ± {(show ?? percent)((interval.high - interval.low) / 2)}</span>}{" "}
      <span className="verdict-word">{word}</span>
    </span>
  );
}

/** With a sign, unless it rounds to zero. */
const points = (mean: number): string => (Number(percent(Math.abs(mean))) === 0 ? "0.0" : signed(mean));
