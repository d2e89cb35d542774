/** Every pair: its difference with the board's interval, and the verdict. */
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { count, percent, signed } from "@/app/_components/text/format";
import type { Pair } from "@/lib/server/boards/pairs";
import type { Compared } from "./compared";
import { nameIn } from "./compared";
import { verdictLabels } from "./describe-pairs";
import { DifferenceMark, reachOf } from "./difference-mark";

interface PairsTableProps {
  pairs: readonly Pair[];
  compared: readonly Compared[];
  tieMargin: number;
  /** What the differences are paired by, as a column's heading: "runs". */
  unit: string;
}

export function PairsTable({ pairs, compared, tieMargin, unit }: PairsTableProps) {
  const reach = reachOf(
    pairs.map(({ difference }) => difference).filter((difference) => difference !== null),
    tieMargin,
  );
  const columns: Column<Pair>[] = [
    { key: "pair", head: "Pair", cell: ({ a, b }) => `${nameIn(compared, a)} − ${nameIn(compared, b)}` },
    {
      key: "difference",
      head: "difference, points",
      align: "end",
      cell: ({ difference }) =>
        difference ? (
          <>
            {signed(difference.mean, 2)}
            {difference.low !== null && difference.high !== null && (
              <span className="margin"> ± {percent((difference.high - difference.low) / 2, 2)}</span>
            )}
          </>
        ) : (
          <Missing why="they share no seed" />
        ),
    },
    {
      key: "interval",
      head: `−${percent(reach)} to ${percent(reach)}`,
      cell: ({ difference }) => difference && <DifferenceMark {...difference} reach={reach} tieMargin={tieMargin} />,
    },
    { key: "answer", head: "says", cell: ({ verdict }) => verdictLabels[verdict] },
    { key: "n", head: unit, align: "end", cell: ({ points }) => count(points.length) },
    {
      key: "needed",
      head: "would tell",
      align: "end",
      cell: ({ seedsNeeded }) =>
        seedsNeeded === null ? <Missing why="settled, or more runs wouldn’t tell" /> : count(seedsNeeded),
    },
    {
      key: "mcnemar",
      head: "McNemar p < 0.05",
      align: "end",
      cell: ({ mcnemar }) =>
        mcnemar.length === 0 ? (
          <Missing why="no predictions to compare" />
        ) : (
          `${mcnemar.filter(({ adjusted }) => adjusted < 0.05).length} of ${mcnemar.length}`
        ),
    },
  ];
  return (
    <DataTable
      caption="Differences of accuracy, with 95 % intervals that hold for all pairs of the board at once"
      columns={columns}
      rows={pairs}
      rowKey={({ a, b }) => `${a} ${b}`}
    />
  );
}
