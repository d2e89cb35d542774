/** Labels of a board's filters, columns and charts. */
import { tierLabel } from "@/app/_components/tables/tier-label";
import type { BoardChart, BoardColumn, Facets } from "@/lib/leaderboard";
import { builtInAuthor, variantLabels } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { byMetric, figures, metricNames } from "@/lib/records";

export const kindLabels: Record<string, string> = {
  schedule: "schedule",
  select: "selection",
  recalibrate: "recalibration",
};
export const deviceLabels: Record<string, string> = { webgpu: "WebGPU", wasm: "WASM", cpu: "CPU" };

export const facetLabels: Record<keyof Facets, string> = {
  variant: "Variant",
  tier: "Tier",
  kind: "Kind of policy",
  reproduced: "Reproduced",
  device: "Trained on",
  author: "Author of the policy",
};

/** The label of a filter's value. */
export function describeFacet(facet: keyof Facets, value: string): string {
  switch (facet) {
    case "variant":
      return variantLabels[value as Variant];
    case "tier":
      return tierLabel(Number(value));
    case "kind":
      return kindLabels[value] ?? value;
    case "reproduced":
      return value === "yes" ? "by another account" : "not yet";
    case "device":
      return deviceLabels[value] ?? value;
    case "author":
      return value === builtInAuthor ? "built in" : value;
  }
}

export const columnLabels: Record<BoardColumn, string> = {
  rank: "Rank",
  ...byMetric(metricNames, (metric) => figures[metric].label),
  interval: "Accuracy, drawn",
  variant: "Variant",
  momentum: "Momentum",
  kind: "Kind of policy",
  author: "Author",
  device: "Device class",
  gap: "Behind the leader",
  n: "Seeds",
  tier: "Tier",
  first: "First scored",
};

export const chartLabels: Record<BoardChart, string> = {
  shift: "Accuracy and shift",
  rates: "Sensitivity and specificity",
  time: "Over time",
  momentum: "Accuracy by β",
};
