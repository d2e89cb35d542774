/** The gallery's view, as its URL describes it: search, kind, board, variant, sort, page. */

import { z } from "zod";
import type { Sort } from "@/app/_components/tables/sort";
import { readSort } from "@/app/_components/tables/sort";
import type { SearchParams } from "@/lib/leaderboard";
import { changedHref, policyKinds, urlState } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { textSchema } from "@/lib/records";

export const boardVariants = ["bn", "bn-bfn"] as const satisfies readonly Variant[];

export interface View {
  /** Words that must all occur in name, rule, description, source or author; empty: any. */
  search: string;
  kind: (typeof policyKinds)[number] | null;
  /** Slug of the benchmark that ranks the policies. */
  board: string;
  variant: (typeof boardVariants)[number];
  sort: Sort | null;
  /** Starts at 1. */
  page: number;
}

export const sortable = ["policy", "memory", "rank", "accuracy"] as const;

const address = (boards: readonly string[]) =>
  urlState(
    z.object({
      q: textSchema({ min: 0, max: 200 }).default(""),
      kind: z.enum(policyKinds).optional(),
      board: z.enum(boards).default(boards[0] ?? ""),
      variant: z.enum(boardVariants).default("bn"),
      page: z
        .string()
        .regex(/^[1-9]\d{0,5}$/)
        .transform(Number)
        .default(1),
    }),
  );

/**
 * The view that a URL describes; invalid parameters are ignored.
 * @param boards slugs, the first the default
 */
export function readView(params: SearchParams, boards: readonly string[]): View {
  const { q, kind, board, variant, page } = address(boards).read(params);
  return { search: q, kind: kind ?? null, board, variant, sort: readSort(params, sortable), page };
}

/**
 * The URL with some of its parameters changed; null removes one. A change of filter or sort goes back to the first
 * page.
 */
export function viewHref(params: SearchParams, change: Record<string, string | null>): string {
  return changedHref("/policies", params, { page: null, ...change });
}

/** Whether every word of `search` occurs in one of `texts`, ignoring case and accents. */
export function matches(search: string, texts: readonly (string | null | undefined)[]): boolean {
  const held = plain(texts.filter(Boolean).join(" "));
  return plain(search)
    .split(/\s+/)
    .every((word) => held.includes(word));
}

const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
