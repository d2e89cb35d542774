/** The view of the comparison, as its URL describes it: methods of a board, or runs. */

import { z } from "zod";
import { rateNames } from "@/lib/evaluation";
import { textSchema } from "@/lib/records";
import type { Division } from "./board-view";
import { divisions } from "./board-view";
import type { SearchParams } from "./url-state";
import { urlState } from "./url-state";

/** The rates that classes can be compared by. */
export const classRates = rateNames;
export type ClassRate = (typeof classRates)[number];

/** The most methods or runs that fit side by side. */
export const mostCompared = 4;

/** `variant/policy slug`. */
export const methodPattern = /^[a-z0-9-]{1,16}\/[a-z0-9._-]{1,64}$/;

export interface CompareView {
  benchmark: string | null;
  version: number | null;
  division: Division;
  /** In the order requested, without duplicates. */
  methods: readonly string[];
  /** Ids of runs; if there are any, methods are ignored. */
  runs: readonly string[];
  /** For runs: slug of the policy that they are compared under. */
  policy: string | null;
  /** Whether settings that agree are shown too. */
  everything: boolean;
  /** The rate that classes are compared by. */
  rate: ClassRate;
  /** How many methods or runs were named beyond those that fit. */
  surplus: number;
}

const text = textSchema({ max: 64 }).optional();

const address = urlState(
  z.object({
    runs: z.array(textSchema({ max: 64 })).optional(),
    benchmark: text,
    methods: z.array(z.string().regex(methodPattern)).optional(),
    division: z.enum(divisions).default(divisions[0]),
    version: z
      .string()
      .regex(/^[1-9]\d{0,5}$/)
      .transform(Number)
      .optional(),
    policy: text,
    settings: z.literal("all").optional(),
    rate: z.enum(classRates).default("sensitivity"),
  }),
  { joined: ["runs", "methods"] },
);

/** The view that a URL describes; invalid parameters are ignored. */
export function readCompareView(params: SearchParams): CompareView {
  const { benchmark, version, division, policy, settings, rate, ...lists } = address.read(params);
  const methods = distinct(lists.methods ?? []);
  const runs = distinct(lists.runs ?? []);
  return {
    benchmark: benchmark ?? null,
    version: version ?? null,
    division,
    methods: methods.slice(0, mostCompared),
    runs: runs.slice(0, mostCompared),
    policy: policy ?? null,
    everything: settings === "all",
    rate,
    surplus: Math.max(0, (runs.length || methods.length) - mostCompared),
  };
}

/** Splits `a,b`, the form of a list in links; without duplicates. */
export const listed = (value: string): string[] =>
  distinct(
    value
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean),
  );

const distinct = (values: readonly string[]): string[] => [...new Set(values)];

/** The URL of a view with some changes; defaults are left out, so equal views have equal URLs. */
export function compareHref(view: CompareView, change: Partial<CompareView> = {}): string {
  const { benchmark, version, division, methods, runs, policy, everything, rate } = { ...view, ...change };
  const subject =
    runs.length > 0 ? { runs, policy } : { benchmark, methods: methods.length > 0 ? methods : null, division, version };
  return address.href("/compare", { ...subject, settings: everything ? "all" : null, rate });
}

/** The API address of the same comparison. Its response holds everything, so only what is compared is a parameter. */
export function apiHref(view: CompareView): string {
  return compareHref({ ...view, everything: false, rate: "sensitivity" }).replace(
    "/compare",
    view.runs.length > 0 ? "/api/v1/runs/compare" : "/api/v1/compare",
  );
}
