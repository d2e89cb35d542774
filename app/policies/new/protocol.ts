/** Messages between the playground and its worker. Plain data. */
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import type { ScoreRecord, Variant } from "@/lib/records";

/** A public trajectory: a recorded run whose seed is public. */
export interface TrajectoryChoice {
  /** Slug of the benchmark, and of its data set. */
  benchmark: string;
  dataset: string;
  variant: Variant;
  seed: number;
  /** URL of its file on this site. */
  url: string;
}

export type Command =
  | { kind: "load"; trajectory: TrajectoryChoice; origin: string }
  /** A newer request supersedes an older one that has not started. */
  | { kind: "score"; id: number; policy: MomentumPolicy };

/** A policy's figures on the trajectory. */
export type PlaygroundScore = Omit<ScoreRecord, "method" | "variant" | "policy">;

/** A well-known policy to compare with. */
export interface Baseline extends PlaygroundScore {
  slug: string;
  name: string;
}

/** How a policy differs from a baseline, example by example. */
export interface Difference {
  slug: string;
  /** Test examples that the two classify differently. */
  different: number;
  /** Of those, how many only the policy gets right, and how many only the baseline. */
  gained: number;
  lost: number;
  /** McNemar's exact test. */
  pValue: number;
}

export interface Failure {
  title: string;
  /** What is wrong, and how to fix it. */
  detail: string;
}

export type ScorerMessage =
  | { kind: "loading"; what: string }
  | {
      kind: "loaded";
      trajectory: TrajectoryChoice;
      shape: RunShape;
      layers: string[];
      examples: number;
      baselines: Baseline[];
      backend: string;
    }
  | { kind: "scored"; id: number; score: PlaygroundScore; differences: Difference[]; milliseconds: number }
  /** Loading failed: nothing can be scored. */
  | { kind: "failed"; failure: Failure }
  /** This policy can't be scored; others can. */
  | { kind: "refused"; id: number; failure: Failure };
