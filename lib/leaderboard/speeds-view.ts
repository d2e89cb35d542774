/** The view of the table of measured speeds, as its URL describes it: page and API parse the one schema here. */
import { z } from "zod";
import { measuredBackends, measuredNetworks } from "@/lib/records";
import type { SearchParams } from "./url-state";
import { several, urlState } from "./url-state";

/** What classes of devices can be ordered by, within a network; the first is the default. */
export const speedsSorts = ["median", "n", "device"] as const;
export type SpeedsSort = (typeof speedsSorts)[number];

/** How long a measurement may take, in seconds. */
export const measureSeconds = ["10", "30", "60"] as const;

export const speedsViewSchema = z.strictObject({
  /** Default: all. */
  network: several(z.enum(measuredNetworks)).default([]),
  backend: several(z.enum(measuredBackends)).default([]),
  sort: z.enum(speedsSorts).default(speedsSorts[0]),
  /** Default: the fastest, the most often measured, or A first. */
  direction: z.enum(["ascending", "descending"]).optional(),
});

/** With what only the page has: how many of the rows it shows, and how long to measure. */
const pageSchema = speedsViewSchema.extend({
  rows: z.enum(["first", "all"]).default("first"),
  seconds: z.enum(measureSeconds).default("30"),
});
export type SpeedsView = z.infer<typeof pageSchema>;

const address = urlState(pageSchema);
const apiAddress = urlState(speedsViewSchema.extend({ format: z.enum(["json", "csv"]).default("json") }));

/** The view that a URL describes; invalid parameters are ignored, and a direction that is the sort's own left out. */
export function readSpeedsView(params: SearchParams): SpeedsView {
  const { direction, ...view } = address.read(params);
  return direction === undefined || direction === firstSpeedsDirection(view.sort) ? view : { ...view, direction };
}

/** The direction of a sort that names none. */
export const firstSpeedsDirection = (sort: SpeedsSort): "ascending" | "descending" =>
  sort === "device" ? "ascending" : "descending";

/** The URL of a view with some changes; defaults are left out, so equal views have equal URLs. */
export const speedsHref = (view: SpeedsView, change: Partial<SpeedsView> = {}): string =>
  address.href("/bench", { ...view, ...change });

/** The API's address of the same rows, as JSON or as a file. */
export const speedsApiHref = (view: SpeedsView, format: "json" | "csv" = "json"): string =>
  apiAddress.href("/api/v1/measurements/medians", { ...view, format });
