/** Tiers: what the server itself verified of a published result. What a browser claims is never called verified. */
import type { MetricName } from "@/lib/records";

export interface Tier {
  tier: 0 | 1 | 2 | 3 | 4 | 5 | 6;
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
  {
    tier: 5,
    label: "first steps trained again",
    meaning:
      "The server trained the run again: its first steps have the same losses, and its figures lie where those of other " +
      "seeds do. What follows can’t be compared, because rounding decides it on this benchmark.",
  },
  {
    tier: 6,
    label: "trained again",
    meaning:
      "The server trained the run again from its settings and seed and got the same predictions, or as many of them as " +
      "different backends agree on.",
  },
];

/** The metrics of users' runs that no prediction tells: what their browsers claim, and marked so wherever it is shown. */
export const claimedMetrics: readonly MetricName[] = ["esm"];

/** The tier of a run published with its predictions. */
export const predictionsScored = 2;

/** The tier of a run whose weights give its predictions: see `weights.ts`. */
export const weightsReEvaluated = 3;

/** The tiers of a run that passed an audit: see `audit.ts`. Only such runs lead a board. */
export const firstStepsAgain = 5;
export const trainedAgain = 6;

/** The tier of a score on reference trajectories. */
export const recomputed = 4;
