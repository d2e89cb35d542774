/** The view of the board over all boards, as its URL describes it: page and API parse the one schema here. */
import { z } from "zod";
import { variantNames } from "@/lib/records";
import type { SearchParams } from "./url-state";
import { several, urlState } from "./url-state";

/** What methods can be ordered by; the first is the default. */
export const overBoardsSorts = ["mean", "worst", "iqm", "method"] as const;
export type OverBoardsSort = (typeof overBoardsSorts)[number];

export const overBoardsViewSchema = z.strictObject({
  /** Slugs of the boards that count. Default: all that have methods. */
  board: several(z.string().regex(/^[a-z0-9-]{1,64}$/, "the slug of a benchmark")).default([]),
  /** The variants that are compared with each other. Default: all. */
  variant: several(z.enum(variantNames)).default([]),
  /** `worst` puts those first that are safe everywhere. Missing figures come last in both directions. */
  sort: z.enum(overBoardsSorts).default(overBoardsSorts[0]),
  /** Default: better first; of an interquartile mean more is better, of regrets less. */
  direction: z.enum(["ascending", "descending"]).optional(),
});

/** With what only the page has: how many of the rows it shows. */
const pageSchema = overBoardsViewSchema.extend({ rows: z.enum(["first", "all"]).default("first") });
export type OverBoardsView = z.infer<typeof pageSchema>;

const address = urlState(pageSchema);
const apiAddress = urlState(overBoardsViewSchema.extend({ format: z.enum(["json", "csv"]).default("json") }));

/** The view that a URL describes; invalid parameters are ignored, and a direction that is the sort's own left out. */
export function readOverBoardsView(params: SearchParams): OverBoardsView {
  const { direction, ...view } = address.read(params);
  return direction === undefined || direction === firstOverBoardsDirection(view.sort) ? view : { ...view, direction };
}

/** The direction of a sort that names none. */
export const firstOverBoardsDirection = (sort: OverBoardsSort): "ascending" | "descending" =>
  sort === "iqm" ? "descending" : "ascending";

/** The URL of a view with some changes; defaults are left out, so equal views have equal URLs. */
export const overBoardsHref = (view: OverBoardsView, change: Partial<OverBoardsView> = {}): string =>
  address.href("/leaderboard", { ...view, ...change });

/** The API's address of the same methods, as JSON or as a file. */
export const overBoardsApiHref = (view: OverBoardsView, format: "json" | "csv" = "json"): string =>
  apiAddress.href("/api/v1/leaderboard", { ...view, format });
