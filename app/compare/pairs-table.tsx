/** Every pair: its paired difference with the interval, and the verdict. */
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { count, percent, signed, significant } from "@/app/_components/text/format";
import type { Pair } from "@/lib/server/boards/pairs";
import type { Compared } from "./compared";
import { nameIn } from "./compared";
import { verdictLabels } from "./describe-pairs";
import { DifferenceMark, reachOf } from "./difference-mark";

interface PairsTableProps {
  pairs: readonly Pair[];
  compared: readonly Compared[];
  tieMargin: number;
  /** What the differences are paired by, as a column's heading: "held-out runs". */
  unit: string;
}

export function PairsTable({ pairs, compared, tieMargin, unit }: PairsTableProps) {
  const estimate = ({ difference }: Pair) =>
    difference && {
      mean: difference.mean,
      low: difference.interval?.low ?? null,
      high: difference.interval?.high ?? null,
    };
  const reach = reachOf(
    pairs.map(estimate).filter((difference) => difference !== null),
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
            {difference.interval && (
              <span className="margin"> ± {percent((difference.interval.high - difference.interval.low) / 2, 2)}</span>
            )}
          </>
        ) : (
          <Missing why="they share no seed" />
        ),
    },
    {
      key: "interval",
      head: `−${percent(reach)} to ${percent(reach)}`,
      cell: (pair) => {
        const drawn = estimate(pair);
        return drawn && <DifferenceMark {...drawn} reach={reach} tieMargin={tieMargin} />;
      },
    },
    { key: "answer", head: "says", cell: ({ verdict }) => verdictLabels[verdict] },
    {
      key: "p",
      head: pairs.length > 1 ? "p, after Holm" : "p",
      align: "end",
      cell: ({ pValue }) => (pValue === null ? <Missing why="too few" /> : significant(pValue, 2)),
    },
    { key: "n", head: unit, align: "end", cell: ({ points }) => count(points.length) },
    {
      key: "needed",
      head: "would settle it",
      align: "end",
      cell: ({ seedsNeeded, points }) =>
        seedsNeeded === null ? (
          points.length > 1 ? (
            "over 10,000"
          ) : (
            <Missing why="too few to tell" />
          )
        ) : (
          count(seedsNeeded)
        ),
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
      caption="Paired differences of accuracy with their 95 % intervals"
      columns={columns}
      rows={pairs}
      rowKey={({ a, b }) => `${a} ${b}`}
    />
  );
}
