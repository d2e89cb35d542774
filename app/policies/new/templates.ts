/** Documents to start from, simplest first. */
import { builtInPolicies, defaultCandidates } from "@/lib/dmbn/policy";
import type { RawDocument } from "./reading";

export interface Template {
  name: string;
  /** What it does, in a few words. */
  about: string;
  document: RawDocument;
}

const published = (slug: string): RawDocument => {
  const { document } = builtInPolicies.find((policy) => policy.slug === slug)!;
  return document.kind === "schedule" ? { kind: document.kind, momentum: document.momentum } : { kind: document.kind };
};

export const templates: readonly Template[] = [
  {
    name: "Constant",
    about: "the same share of the old average at every step",
    document: { kind: "schedule", momentum: "0.95" },
  },
  {
    name: "Warm-up",
    about: "short memory first, growing to a constant",
    document: { kind: "schedule", momentum: "min(0.99, (1 + step) / (10 + step))" },
  },
  {
    name: "Step schedule",
    about: "longer memory every 100 steps, as PointNet does",
    document: { kind: "schedule", momentum: "min(0.99, 1 - 0.5 * 0.5^floor(step / 100))" },
  },
  {
    name: "Cosine",
    about: "memory grows along half a cosine",
    document: { kind: "schedule", momentum: "1 - 0.05 * (1 + cos(pi * step / steps))" },
  },
  { name: "Cumulative", about: "every batch counts the same", document: published("cumulative-average") },
  {
    name: "By depth",
    about: "deeper layers remember longer",
    document: { kind: "schedule", momentum: "1 - 0.1 * 0.5^layer" },
  },
  {
    name: "DMBN",
    about: "each layer takes the candidate with the least shift",
    document: { ...published("dmbn"), candidates: [...defaultCandidates] },
  },
  {
    name: "DMBN of schedules",
    about: "each layer chooses between warm-ups",
    document: {
      kind: "select",
      candidates: ["min(0.9, (1 + step) / (10 + step))", "min(0.99, (1 + step) / (10 + step))", "1 - 1 / step"],
    },
  },
  {
    name: "Best by loss",
    about: "what a careful user does: labels choose one candidate for the network",
    document: { kind: "select", by: "loss", granularity: "network" },
  },
  { name: "Closed form", about: "β computed from drift and scatter", document: { kind: "select", by: "drift" } },
  { name: "Recalibration", about: "no average: statistics measured after training", document: published("precise-bn") },
];
