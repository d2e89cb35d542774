/** The messages between the site and its scoring process. */
import type { MomentumPolicy, PolicyIssue } from "@/lib/dmbn/policy";
import type { Recipe, RunRecord, ScoreRecord, Variant } from "@/lib/records";

/** A policy's figures on one trajectory. */
export type Figures = Omit<ScoreRecord, "method" | "variant" | "policy"> & {
  /** Class id for each test example. */
  predictions: Uint8Array;
  /** `rightAnswers` of these. */
  correct: Uint8Array<ArrayBuffer>;
};

/** One policy's outcome on a trajectory: its figures, or why it can't be scored there. */
export type Scoring = { figures: Figures } | { fault: string };

/** A policy under the name that the caller has for it. */
export interface NamedPolicy {
  slug: string;
  document: MomentumPolicy;
}

/** What a run gave when it was trained again, or where it diverged. */
export type Audited = { seconds: number } & (
  | {
      /** Class ids for each test example, in the order of the policies. */
      predictions: Uint8Array[];
      losses: RunRecord["curves"]["loss"];
    }
  | { diverged: string }
);

export type Task =
  /** `file` is sent only if the process asks for it, since it caches the last few trajectories. */
  | { kind: "score"; hash: string; file?: Uint8Array; policies: MomentumPolicy[] }
  | { kind: "record"; recipe: Recipe; variants: Variant[]; seed: number }
  /** Trains a run again, and scores policies on it; those that choose while it trains too. */
  | { kind: "audit"; recipe: Recipe; variant: Variant; seed: number; policies: NamedPolicy[] }
  | { kind: "check"; policy: MomentumPolicy; runs: { recipe: Recipe; variant: Variant }[] };

/** Sent at any time: the share of its thread that the process may use, from 0 (it waits) to 1. */
export interface Pace {
  share: number;
}

export interface Results {
  score: Scoring[] | "send-file";
  /** Trajectory files, by variant. */
  record: Uint8Array[];
  audit: Audited;
  /** The first run that the policy can't be scored on, and why; null if it can be scored on all. */
  check: { run: number; issue: PolicyIssue } | null;
}

/** The site sends the next task once the process is ready and has answered the one before. */
export type ScorerMessage =
  /** The backend runs: the process takes tasks. */
  | "ready"
  /** Sent every second of a task, between the parts that it computes. */
  | "alive"
  | { result: Results[keyof Results] }
  | { error: { name: string; message: string } };
