/** What the comparison shows, as its address says it: methods of a board, or runs. */

import type { Division } from "./board-view";

/** What classes can be compared by. */
export const classRates = ["sensitivity", "specificity", "precision", "fScore"] as const;
export type ClassRate = (typeof classRates)[number];

type SearchParams = Record<string, string | string[] | undefined>;

/** Methods, or runs, that fit side by side. */
export const mostCompared = 4;

/** `variant/policy slug`. */
export const methodPattern = /^[a-z0-9-]{1,16}\/[^/,\s]{1,64}$/;

export interface CompareView {
  benchmark: string | null;
  version: number | null;
  division: Division;
  /** In the order asked, each once. */
  methods: readonly string[];
  /** Ids of runs; where there are any, methods don't count. */
  runs: readonly string[];
  /** Runs: slug of the policy that they are looked at under. */
  policy: string | null;
  /** Settings that agree are shown too. */
  everything: boolean;
  /** What the classes are compared by. */
  rate: ClassRate;
  /** Methods or runs named beyond those that fit. */
  surplus: number;
}

/** The view that an address asks for; what it says wrongly counts as not said. */
export function readCompareView(params: SearchParams): CompareView {
  const methods = listed(params["methods"]).filter((method) => methodPattern.test(method));
  const runs = listed(params["runs"]);
  const { benchmark, version, division, policy, settings, rate } = params;
  return {
    benchmark: typeof benchmark === "string" && benchmark !== "" ? benchmark : null,
    version: typeof version === "string" && /^[1-9]\d{0,5}$/.test(version) ? Number(version) : null,
    division: division === "open" ? "open" : "closed",
    methods: methods.slice(0, mostCompared),
    runs: runs.slice(0, mostCompared),
    policy: typeof policy === "string" && policy !== "" ? policy : null,
    everything: settings === "all",
    rate: classRates.find((known) => known === rate) ?? "sensitivity",
    surplus: Math.max(0, (runs.length || methods.length) - mostCompared),
  };
}

/** `methods=a,b` as links say it, or `methods=a&methods=b` as a form does; each once. */
export function listed(value: string | string[] | undefined): string[] {
  const parts = [value ?? []].flat().flatMap((text) => text.split(","));
  return [...new Set(parts.map((part) => part.trim()).filter(Boolean))];
}

/** The address of a view with some of it changed; defaults are left out, so equal views have equal addresses. */
export function compareHref(view: CompareView, change: Partial<CompareView> = {}): string {
  const { benchmark, version, division, methods, runs, policy, everything, rate } = { ...view, ...change };
  const ofRuns = runs.length > 0;
  return address("/compare", [
    ofRuns ? join("runs", runs) : "",
    !ofRuns && benchmark ? `benchmark=${encodeURIComponent(benchmark)}` : "",
    !ofRuns && methods.length > 0 ? join("methods", methods) : "",
    !ofRuns && division === "open" ? "division=open" : "",
    !ofRuns && version !== null ? `version=${version}` : "",
    ofRuns && policy ? `policy=${encodeURIComponent(policy)}` : "",
    everything ? "settings=all" : "",
    rate === "sensitivity" ? "" : `rate=${rate}`,
  ]);
}

/** Where programs read the same; it holds everything, so that only what is compared is asked. */
export function apiHref(view: CompareView): string {
  return compareHref({ ...view, everything: false, rate: "sensitivity" }).replace(
    "/compare",
    view.runs.length > 0 ? "/api/v1/runs/compare" : "/api/v1/compare",
  );
}

const address = (path: string, parts: readonly string[]): string =>
  [path, parts.filter(Boolean).join("&")].filter(Boolean).join("?");

/** Commas and slashes may stand in a query as they are: people read these. */
const join = (name: string, values: readonly string[]): string =>
  `${name}=${values.map((value) => encodeURIComponent(value).replaceAll("%2F", "/")).join(",")}`;
