/** What the site and its scoring process say to each other. */
import type { MomentumPolicy, PolicyFault } from "@/lib/dmbn/policy";
import type { Recipe, ScoreRecord, Variant } from "@/lib/records";

/** A policy's figures on one trajectory. */
export type Figures = Omit<ScoreRecord, "method" | "variant" | "policy"> & {
  /** Class id for each test example. */
  predictions: Uint8Array;
};

/** A policy that can't be scored on a trajectory says why; the others are not kept from it. */
export type Scoring = { figures: Figures } | { fault: string };

export type Task =
  /** `file` is sent where the process asks for it: it keeps the last few. */
  | { kind: "score"; hash: string; file?: Uint8Array; policies: MomentumPolicy[] }
  | { kind: "record"; recipe: Recipe; variants: Variant[]; seed: number }
  | { kind: "check"; policy: MomentumPolicy; runs: { recipe: Recipe; variant: Variant }[] };

export interface Results {
  score: Scoring[] | "send-file";
  /** Trajectory files, by variant. */
  record: Uint8Array[];
  /** The first run that the policy can't be scored on, and why; null where it can be on all. */
  check: { run: number; fault: PolicyFault } | null;
}

export type Report = { id: number } & (
  | { result: Results[keyof Results] }
  | { error: { name: string; message: string } }
);
