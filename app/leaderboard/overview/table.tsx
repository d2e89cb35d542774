/** The policies within the ranges, with their accuracy on every board. */
import Link from "next/link";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { Missing } from "@/app/_components/tables/data-table";
import { percent } from "@/app/_components/text/format";
import type { Axis } from "./axes";
import type { Row } from "./lines";

export const ROWS_SHOWN = 60;

export function columnsOf(axes: readonly Axis[]): Column<Row>[] {
  return [
    {
      key: "policy",
      head: "Policy",
      cell: ({ slug, name }) => (
        <Link href={`/policies/${slug}`} prefetch={false}>
          {name}
        </Link>
      ),
    },
    { key: "momentum", head: "keeps of the old", wide: true, cell: ({ badge }) => <MomentumChip {...badge} /> },
    ...axes.map(
      ({ key, title, variant }, index): Column<Row> => ({
        key,
        head: variant,
        group: `${title}, accuracy, %`,
        align: "end",
        cell: ({ accuracy }) => (accuracy[index] == null ? <Missing why="not scored" /> : percent(accuracy[index])),
      }),
    ),
  ];
}
