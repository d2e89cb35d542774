/** What the playground asks of its worker, and what the worker answers. Plain data. */
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import type { ScoreRecord, Variant } from "@/lib/records";

/** A public trajectory: a recorded run whose seed everybody may see. */
export interface TrajectoryChoice {
  /** Slug of the benchmark, and of its data set. */
  benchmark: string;
  dataset: string;
  variant: Variant;
  seed: number;
  /** Where its file is, on this site. */
  url: string;
}

export type Command =
  | { kind: "load"; trajectory: TrajectoryChoice; origin: string }
  /** A newer one makes an older one that has not begun obsolete. */
  | { kind: "score"; id: number; policy: MomentumPolicy };

/** A policy's figures on the trajectory. */
export type PlaygroundScore = Omit<ScoreRecord, "method" | "variant" | "policy">;

/** A policy that everybody knows, to stand beside. */
export interface Baseline extends PlaygroundScore {
  slug: string;
  name: string;
}

/** How a policy differs from a baseline, example by example. */
export interface Difference {
  slug: string;
  /** Test examples to which the two give different classes. */
  different: number;
  /** Of those, how many only the policy gets right, and how many only the baseline. */
  gained: number;
  lost: number;
  /** McNemar's exact test. */
  pValue: number;
}

export interface Failure {
  title: string;
  /** What is wrong and what to do. */
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
