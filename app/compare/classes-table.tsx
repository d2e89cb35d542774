/** Figures of each class against the rest, and the others' differences from the first. */
import { SegmentLinks } from "@/app/_components/controls/controls";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { percent, signed } from "@/app/_components/text/format";
import { rateWords } from "@/app/_components/text/metric-guide";
import type { CompareView } from "@/lib/leaderboard";
import { classRates, compareHref } from "@/lib/leaderboard";
import type { ClassFigures } from "@/lib/server/boards/per-class";
import type { Compared } from "./compared";
import { Short } from "./compared";

interface ClassesTableProps {
  view: CompareView;
  compared: readonly Compared[];
  /** In the order of `compared`. */
  classes: readonly (readonly ClassFigures[])[];
  caption: string;
}

/** Each class against the rest; differences from the first. */
export function ClassesTable({ view, compared, classes, caption }: ClassesTableProps) {
  const rows = (classes[0] ?? []).map(({ name }, id) => ({
    name,
    figures: classes.map((classFigures) => classFigures[id]!.figures[view.rate]),
  }));
  type Row = (typeof rows)[number];
  const [first] = compared;
  const columns: Column<Row>[] = [
    { key: "class", head: "True class", cell: ({ name }) => name },
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key,
        head: <Short index={index} name={name} />,
        group: `${rateWords(view.rate).head}, %`,
        align: "end",
        cell: ({ figures }) => percent(figures[index]!.mean),
      }),
    ),
    ...compared.slice(1).map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} difference`,
        head: <Short index={index + 1} name={name} />,
        group: `less ${first!.name}, points`,
        align: "end",
        cell: ({ figures }) => {
          const { difference } = figures[index + 1]!;
          if (!difference) return <Missing why="they share no seed" />;
          const { mean, low, high } = difference;
          return (
            <>
              {signed(mean)}
              {low !== null && high !== null && <span className="margin"> ± {percent((high - low) / 2)}</span>}
            </>
          );
        },
      }),
    ),
  ];
  return (
    <>
      <SegmentLinks
        label="Classes compared by"
        options={classRates.map((rate) => ({
          href: compareHref(view, { rate }),
          label: rateWords(rate).label,
          current: rate === view.rate,
        }))}
      />
      <div className="mt-3">
        <DataTable caption={caption} columns={columns} rows={rows} rowKey={({ name }) => name} />
      </div>
    </>
  );
}
