/** Tiers: what the server itself verified of a published result. What a browser claims is never called verified. */
import type { MetricName } from "@/lib/records";

export interface Tier {
  tier: 0 | 1 | 2 | 3 | 4;
  label: string;
  meaning: string;
}

export const tiers: readonly Tier[] = [
  { tier: 0, label: "self-reported", meaning: "The server checked nothing." },
  {
    tier: 1,
    label: "consistent",
    meaning: "The server derived the metrics from a confusion matrix whose row sums match the data set.",
  },
  {
    tier: 2,
    label: "predictions scored",
    meaning:
      "The server derived the metrics from the uploaded prediction for every test example and its own copy of " +
      "the labels.",
  },
  {
    tier: 3,
    label: "weights re-evaluated",
    meaning: "The server ran the uploaded weights and statistics and got the same predictions.",
  },
  { tier: 4, label: "recomputed by the server", meaning: "The server replayed the policy on a reference trajectory." },
];

/** The metrics of users' runs that no prediction tells: what their browsers claim, and marked so wherever it is shown. */
export const claimedMetrics: readonly MetricName[] = ["esm"];

/** The tier of a run published with its predictions. */
export const predictionsScored = 2;

/** The tier of a score on reference trajectories. */
export const recomputed = 4;
