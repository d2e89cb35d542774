/** McNemar's exact test of every pair. */
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { count, significant } from "@/app/_components/text/format";
import type { Pair } from "@/lib/server/boards/pairs";
import type { Compared } from "./compared";
import { nameIn } from "./compared";

/** One row per pair and run. */
export function McNemarTable({
  pairs,
  compared,
  seedHead,
  describeSeed,
}: {
  pairs: readonly Pair[];
  compared: readonly Compared[];
  seedHead: string;
  describeSeed: (seed: string) => string;
}) {
  const rows = pairs.flatMap(({ a, b, mcnemar }) => mcnemar.map((test) => ({ ...test, a, b })));
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    {
      key: "pair",
      head: "Pair",
      cell: ({ a, b, seed }) => (
        <>
          {nameIn(compared, a)}, {nameIn(compared, b)}
          <span className="folded"> {describeSeed(seed)}</span>
        </>
      ),
    },
    { key: "seed", head: seedHead, wide: true, cell: ({ seed }) => describeSeed(seed) },
    { key: "onlyA", head: "only the first right", align: "end", cell: ({ onlyARight }) => count(onlyARight) },
    { key: "onlyB", head: "only the second right", align: "end", cell: ({ onlyBRight }) => count(onlyBRight) },
    { key: "p", head: "p", align: "end", cell: ({ pValue }) => significant(pValue, 2) },
    ...(rows.length > 1
      ? [
          {
            key: "adjusted",
            head: "p, after Holm",
            align: "end",
            cell: ({ adjusted }) => significant(adjusted, 2),
          } satisfies Column<Row>,
        ]
      : []),
  ];
  return (
    <DataTable
      caption="McNemar's exact test on the test examples"
      columns={columns}
      rows={rows}
      rowKey={({ a, b, seed }) => `${a} ${b} ${seed}`}
    />
  );
}
