/** Sorting as the tables do it: three states, missing values last in both directions, kept in the URL. */

export type Direction = "ascending" | "descending";

export interface Sort {
  key: string;
  direction: Direction;
}

/** What a row is compared by; null where the row has no value. */
export type SortValue = number | string | null;

type SearchParams = Record<string, string | string[] | undefined>;

/** The sort that `?sort=…&direction=…` asks for; null where it names no sortable column. */
export function readSort(params: SearchParams, sortable: readonly string[]): Sort | null {
  const { sort, direction } = params;
  if (typeof sort !== "string" || !sortable.includes(sort)) return null;
  return { key: sort, direction: direction === "ascending" ? "ascending" : "descending" };
}

/** What pressing a column's head leads to: its first direction, then the other, then no sort. */
export function nextSort(current: Sort | null, key: string, first: Direction): Sort | null {
  if (current?.key !== key) return { key, direction: first };
  if (current.direction === first) return { key, direction: first === "ascending" ? "descending" : "ascending" };
  return null;
}

/** `path` with the sort written into its query and every other parameter kept. */
export function sortHref(path: string, params: SearchParams, sort: Sort | null): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (name === "sort" || name === "direction" || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, one);
  }
  if (sort) {
    query.set("sort", sort.key);
    query.set("direction", sort.direction);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** The rows in the asked order; equal rows keep theirs, rows without a value come last. */
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
