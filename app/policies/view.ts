/** What the gallery shows, as its address says it: search, kind, board, variant, sort, page. */
import type { Sort } from "@/app/_components/tables/sort";
import { readSort } from "@/app/_components/tables/sort";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import type { Variant } from "@/lib/records";

export type SearchParams = Record<string, string | string[] | undefined>;

export const kinds = ["schedule", "select", "recalibrate"] as const satisfies readonly MomentumPolicy["kind"][];
export const boardVariants = ["bn", "bn-bfn"] as const satisfies readonly Variant[];

export interface View {
  /** Words that name, rule, description, source or author must all hold; empty: any. */
  search: string;
  kind: (typeof kinds)[number] | null;
  /** Slug of the benchmark whose places stand beside the policies. */
  board: string;
  variant: (typeof boardVariants)[number];
  sort: Sort | null;
  /** From 1. */
  page: number;
}

export const sortable = ["policy", "memory", "rank", "accuracy"] as const;

/**
 * The view that an address asks for; what it says wrongly counts as not said. @param boards slugs, the first the
 * default
 */
export function readView(params: SearchParams, boards: readonly string[]): View {
  const { q, kind, board, variant, page } = params;
  return {
    search: typeof q === "string" ? q.trim().slice(0, 200) : "",
    kind: oneOf(kinds, kind),
    board: oneOf(boards, board) ?? boards[0] ?? "",
    variant: oneOf(boardVariants, variant) ?? "bn",
    sort: readSort(params, sortable),
    page: typeof page === "string" && /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1,
  };
}

/**
 * The address with some of its parameters changed; null takes one out. Whatever narrows or orders anew begins at the
 * first page.
 */
export function viewHref(params: SearchParams, change: Record<string, string | null>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === "string" && value !== "" && !(name in change) && name !== "page") query.set(name, value);
  }
  for (const [name, value] of Object.entries(change)) if (value !== null) query.set(name, value);
  const text = query.toString();
  return text ? `/policies?${text}` : "/policies";
}

/** Whether every word of `search` occurs in one of `texts`; letter case and accents aside. */
export function matches(search: string, texts: readonly (string | null | undefined)[]): boolean {
  const held = plain(texts.filter(Boolean).join(" "));
  return plain(search)
    .split(/\s+/)
    .every((word) => held.includes(word));
}

const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function oneOf<Value extends string>(values: readonly Value[], asked: string | string[] | undefined): Value | null {
  return values.find((value) => value === asked) ?? null;
}
