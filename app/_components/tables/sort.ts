/** Table sorting: three states, missing values last in both directions, stored in the URL. */
import { z } from "zod";
import type { SearchParams } from "@/lib/leaderboard";
import { changedHref, urlState } from "@/lib/leaderboard";

export type Direction = "ascending" | "descending";

export interface Sort {
  key: string;
  direction: Direction;
}

/** The value to sort a row by; null if it is missing. */
export type SortValue = number | string | null;

/** The sort in `?sort=…&direction=…`; null if it names no sortable column. */
export function readSort(params: SearchParams, sortable: readonly string[]): Sort | null {
  const { sort, direction } = urlState(
    z.object({
      sort: z.enum(sortable).optional(),
      direction: z.enum(["ascending", "descending"]).default("descending"),
    }),
  ).read(params);
  return sort === undefined ? null : { key: sort, direction };
}

/** The sort after a click on a column's heading: its first direction, then the other, then none. */
export function nextSort(current: Sort | null, key: string, first: Direction): Sort | null {
  if (current?.key !== key) return { key, direction: first };
  if (current.direction === first) return { key, direction: first === "ascending" ? "descending" : "ascending" };
  return null;
}

/** `path` with the sort set in its query and every other parameter preserved. */
export const sortHref = (path: string, params: SearchParams, sort: Sort | null): string =>
  changedHref(path, params, { sort: sort?.key ?? null, direction: sort?.direction ?? null });

/** The rows, sorted. The sort is stable, and rows without a value come last. */
export function sortRows<Row>(rows: readonly Row[], value: (row: Row) => SortValue, direction: Direction): Row[] {
  const sign = direction === "ascending" ? 1 : -1;
  return [...rows].sort((a, b) => {
    const left = value(a);
    const right = value(b);
    if (isMissing(left) || isMissing(right)) return Number(isMissing(left)) - Number(isMissing(right));
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    return sign * collator.compare(String(left), String(right));
  });
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function isMissing(value: SortValue): value is null {
  return value === null || (typeof value === "number" && Number.isNaN(value));
}
