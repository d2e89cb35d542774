/**
 * Messages between the page and its training worker.
 * Times are in seconds; everything is plain data.
 */
import type { BackendWish } from "@/lib/leaderboard";
import type { Recipe, RunRecord, Variant } from "@/lib/records";
import type { Observation, StepCost } from "@/lib/training";

export interface TrainingSettings {
  /** The benchmark with this recipe; null for custom settings. */
  benchmark: RunRecord["benchmark"];
  recipe: Recipe;
  /** Trained one after the other, with the same seed. */
  variants: Variant[];
  seed: number;
  /** Id of the ticket that the seed is from; absent: the user chose it. */
  ticket?: string | undefined;
  /** How many seeds the board had when it gave this one. */
  boardHas?: number | undefined;
  /** Whether the machine is lent: its runs are published as they end. */
  lent?: true | undefined;
  /** Slugs of the policies to score, all on the same run. */
  policies: string[];
  backend: BackendWish;
}

/** Where an interrupted training resumes: from the saved checkpoint of its variant, else from the variant's start. */
export interface Resumption {
  /** Index of the variant in training; earlier ones have finished. */
  next: number;
  /** What it has been computed with: on the same backend, the result is the same to the last bit. */
  backend: Pick<BackendReport, "name" | "reason"> | null;
}

export type Command =
  | { kind: "start"; settings: TrainingSettings; origin: string; resume: Resumption | null }
  | { kind: "pause" }
  | { kind: "resume" }
  | { kind: "stop" };

export const backendLabels = { webgpu: "WebGPU", wasm: "WASM", cpu: "the CPU" } as const;

export interface BackendReport {
  name: keyof typeof backendLabels;
  adapter: string;
  threads: number;
  reason: string;
  rejected: { name: string; reason: string }[];
}

/** What went wrong, and how to fix it. */
export interface Failure {
  title: string;
  detail: string;
}

export interface FinishedVariant {
  record: RunRecord;
  /** Method → class id of each test example. */
  predictions: Record<string, Uint8Array>;
  /** The file of its trajectory, for a board; null or absent if it is too large, or no board's. */
  weights?: Uint8Array<ArrayBuffer> | null;
}

export type TrainerMessage =
  /** The worker holds this lock until it ends, however it ends. */
  | { kind: "holding"; lock: string }
  /** Every few seconds, also in the middle of a long computation. */
  | { kind: "alive" }
  /** The worker is of no more use; another one resumes. */
  | { kind: "crashed"; reason: string }
  | { kind: "backend"; backend: BackendReport }
  | { kind: "data"; bytes: number; file: string }
  /** A variant's training starts, or resumes from a checkpoint. */
  | {
      kind: "variant";
      variant: Variant;
      steps: number;
      stepsPerEpoch: number;
      layers: string[];
      /** Whether the statistics of every batch are stored, or only the averages that the chosen policies need. */
      traced: boolean;
      /** What training takes: `about 3.4 GiB`. */
      memory: string;
      earlier: { losses: number[]; observations: Observation[] } | null;
    }
  /** The device was lost or the worker crashed; training resumes from its last checkpoint on a new one. */
  | { kind: "recovering"; reason: string }
  | { kind: "steps"; step: number; losses: number[]; imagesPerSecond: number; secondsLeft: number; cost: StepCost }
  | { kind: "observation"; observation: Observation }
  | { kind: "scoring"; fraction: number }
  | { kind: "finished"; variant: Variant; result: FinishedVariant }
  | { kind: "paused" }
  | { kind: "resumed" }
  /** All variants are done, or training was stopped. */
  | { kind: "ended"; stopped: boolean }
  | { kind: "failed"; failure: Failure };
