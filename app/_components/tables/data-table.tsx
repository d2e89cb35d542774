/**
 * The data table: rows in the HTML, hairlines, a sticky head and name column, and three-state sorting by links (or by a
 * callback, where a client component holds the rows). Missing values come last in both directions.
 */
import Link from "next/link";
import type { ReactNode } from "react";
import type { Direction, Sort, SortValue } from "./sort";
import { nextSort, sortRows } from "./sort";

export interface Column<Row> {
  /** Unique in the table; names the column in `?sort=`. */
  key: string;
  head: ReactNode;
  /** Adjacent columns of the same group share a heading. */
  group?: string;
  align?: "start" | "end" | "center";
  cell: (row: Row) => ReactNode;
  /** The value to sort by; null: missing. Without it, the column is not sortable. */
  value?: (row: Row) => SortValue;
  /** Direction of the first click. */
  first?: Direction;
  /** Shown beside the heading, outside the sort link. */
  tip?: ReactNode;
  /** Hidden below 640 px. */
  wide?: boolean;
}

/** What a click on a heading does: follow a link, or call back. */
export type Sorting = { sort: Sort | null } & (
  | { href: (sort: Sort | null) => string }
  | { onSort: (sort: Sort | null) => void }
);

interface DataTableProps<Row> {
  /** The caption, also the accessible name of the scrolling region. */
  caption: string;
  /** Shows the caption above the table. Without it, a heading nearby has to name the table. */
  captionShown?: boolean;
  columns: readonly Column<Row>[];
  /** In the order to show without a sort; already sorted if `ordered`. */
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Key of the column that names the row. Default: the first. */
  nameColumn?: string | undefined;
  sorting?: Sorting;
  /** The rows are already sorted: the database sorts a board. */
  ordered?: boolean;
  selected?: string | undefined;
  /** Row keys match the marks of a chart, so that hovering one highlights the other. */
  linked?: boolean;
  /** Pinned rows at the top, unaffected by filters. */
  pinned?: readonly Row[];
  /** The heading of the section that a row belongs to; adjacent rows of the same one share it. Null: none. */
  section?: ((row: Row) => string | null) | undefined;
  className?: string;
}

export function DataTable<Row>({
  caption,
  captionShown = false,
  columns,
  rows,
  rowKey,
  nameColumn = columns[0]?.key,
  sorting,
  ordered = false,
  selected,
  linked = false,
  pinned = [],
  section = () => null,
  className = "",
}: DataTableProps<Row>) {
  const sort = sorting?.sort ?? null;
  const sorted = columns.find(({ key }) => key === sort?.key);
  const inOrder = !ordered && sort && sorted?.value ? sortRows(rows, sorted.value, sort.direction) : rows;
  const groups = columns.some(({ group }) => group) ? headGroups(columns) : [];
  const shared = { columns, nameColumn, rowKey, selected, linked };
  return (
    <div className={`table-scroll ${sorting ? "long" : ""}`} role="region" aria-label={caption} tabIndex={0}>
      <table className={`data-table ${className}`}>
        <caption className={captionShown ? "note" : "sr-only"}>{caption}</caption>
        <thead>
          {groups.length > 0 && (
            <tr className="group-heads">
              {groups.map((group) =>
                group.name ? (
                  <th
                    key={group.key}
                    scope="colgroup"
                    colSpan={group.span}
                    data-align="start"
                    className={group.wide ? "wide" : undefined}
                  >
                    <span>{group.name}</span>
                  </th>
                ) : (
                  <td
                    key={group.key}
                    colSpan={group.span}
                    className={headClass(group.key === nameColumn, group.wide)}
                  />
                ),
              )}
            </tr>
          )}
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                data-align={column.align}
                className={headClass(column.key === nameColumn, column.wide)}
                aria-sort={sort?.key === column.key ? sort.direction : undefined}
              >
                {sorting && column.value ? <SortHead column={column} sorting={sorting} /> : column.head}
                {column.tip}
              </th>
            ))}
          </tr>
        </thead>
        {pinned.length > 0 && <Rows {...shared} rows={pinned} className="pinned" />}
        {sectionsOf(inOrder, section).map(({ heading, rows: members }, index) => (
          <Rows {...shared} key={`${index} ${heading}`} heading={heading} rows={members} />
        ))}
      </table>
    </div>
  );
}

type RowsProps<Row> = Pick<
  DataTableProps<Row>,
  "columns" | "rows" | "rowKey" | "nameColumn" | "selected" | "linked" | "className"
> & { heading?: string | null };

function Rows<Row>({ heading, columns, rows, rowKey, nameColumn, selected, linked, className }: RowsProps<Row>) {
  return (
    <tbody className={className}>
      {heading && (
        <tr className="section">
          <th scope="rowgroup" colSpan={columns.length}>
            <span>{heading}</span>
          </th>
        </tr>
      )}
      {rows.map((row) => (
        <tr
          key={rowKey(row)}
          data-key={linked ? rowKey(row) : undefined}
          aria-current={rowKey(row) === selected ? "true" : undefined}
        >
          {columns.map((column) =>
            column.key === nameColumn ? (
              <th key={column.key} scope="row" className="name" data-align={column.align}>
                {column.cell(row)}
              </th>
            ) : (
              <td key={column.key} data-align={column.align} className={column.wide ? "wide" : undefined}>
                {column.cell(row)}
              </td>
            ),
          )}
        </tr>
      ))}
    </tbody>
  );
}

/** A missing value. */
export function Missing({ why = "not measured" }: { why?: string }) {
  return (
    <span className="missing">
      <span aria-hidden="true">–</span>
      <span className="sr-only">{why}</span>
    </span>
  );
}

function SortHead<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting }) {
  const { sort } = sorting;
  const next = nextSort(sort, column.key, column.first ?? "descending");
  const label = (
    <>
      {column.head}
      {sort?.key === column.key && (
        <span className="arrow" aria-hidden="true">
          {sort.direction === "ascending" ? "↑" : "↓"}
        </span>
      )}
    </>
  );
  if ("href" in sorting) {
    return (
      <Link className="sort" href={sorting.href(next)} scroll={false} prefetch={false} rel="nofollow">
        {label}
      </Link>
    );
  }
  return (
    <button type="button" className="sort" onClick={() => sorting.onSort(next)}>
      {label}
    </button>
  );
}

function headClass(isName: boolean, wide = false): string | undefined {
  return [isName && "name", wide && "wide"].filter(Boolean).join(" ") || undefined;
}

function sectionsOf<Row>(rows: readonly Row[], section: (row: Row) => string | null) {
  const sections: { heading: string | null; rows: Row[] }[] = [];
  for (const row of rows) {
    const heading = section(row);
    const last = sections.at(-1);
    if (last && last.heading === heading) last.rows.push(row);
    else sections.push({ heading, rows: [row] });
  }
  return sections;
}

function headGroups<Row>(columns: readonly Column<Row>[]) {
  const groups: { key: string; name: string | undefined; span: number; wide: boolean }[] = [];
  for (const { key, group, wide = false } of columns) {
    const last = groups.at(-1);
    if (last && group && last.name === group && last.wide === wide) last.span++;
    else groups.push({ key, name: group, span: 1, wide });
  }
  return groups;
}
