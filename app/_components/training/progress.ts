/** The state of a training, built from the worker's messages: pure, so that messages can be replayed. */
import { count } from "@/app/_components/text/format";
import type { Variant } from "@/lib/records";
import type { Observation, StepCost } from "@/lib/training";
import type { BackendReport, Failure, FinishedVariant, TrainerMessage } from "./protocol";
import { backendLabels } from "./protocol";

export interface LossPoint {
  /** Last step of the interval. */
  step: number;
  /** Mean loss of the interval. */
  value: number;
}

export interface VariantProgress {
  variant: Variant;
  steps: number;
  layers: string[];
  /** Whether every batch's statistics are stored, or only the averages that the chosen policies need. */
  traced: boolean;
  /** What its training takes: `about 3.4 GiB`. */
  memory: string;
  step: number;
  /** At most `CURVE_POINTS`; beyond that, the interval doubles. */
  loss: LossPoint[];
  /** Steps per point of `loss`. */
  stretch: number;
  /** Losses since the last point. */
  rest: number[];
  observations: Observation[];
  imagesPerSecond: number;
  secondsLeft: number | null;
  /** Null before the first steps. */
  cost: StepCost | null;
}

export interface Finished extends FinishedVariant {
  /** Drawn once per run: publishing it twice creates one row. */
  idempotencyKey: string;
  /** The ticket that its seed is from; absent: the user chose it. */
  ticket?: string | undefined;
  /** Of a lent machine: published without being asked again. */
  lent?: true | undefined;
}

export type Phase = "idle" | "starting" | "loading" | "training" | "scoring" | "ended" | "stopped" | "failed";

export interface Training {
  phase: Phase;
  paused: boolean;
  backend: BackendReport | null;
  loaded: { file: string; bytes: number } | null;
  /** Of the variant in training, or the last one. */
  current: VariantProgress | null;
  /** From 0 to 1, of the variant being scored. */
  scoring: number;
  finished: Finished[];
  /** The ticket that the seed is from. */
  ticket: string | undefined;
  /** Whether the machine is lent. */
  lent: true | undefined;
  failure: Failure | null;
  /** What the training recovers from at the moment, and the backend that it had before. */
  interruption: { reason: string; backend: BackendReport | null } | null;
  /** What it has recovered from last, in sentences. */
  notice: string | null;
}

const CURVE_POINTS = 400;

export const idle: Training = {
  phase: "idle",
  paused: false,
  backend: null,
  loaded: null,
  current: null,
  scoring: 0,
  finished: [],
  ticket: undefined,
  lent: undefined,
  failure: null,
  interruption: null,
  notice: null,
};

/** @param newKey draws an idempotency key */
export function advance(training: Training, report: TrainerMessage, newKey: () => string): Training {
  switch (report.kind) {
    case "holding":
    case "alive":
    case "crashed":
      return training;
    case "backend":
      return { ...training, backend: report.backend, phase: "loading" };
    case "data":
      return { ...training, loaded: { file: report.file, bytes: report.bytes } };
    case "variant": {
      const { variant, steps, layers, earlier, traced, memory } = report;
      const fresh: VariantProgress = {
        variant,
        steps,
        layers,
        traced,
        memory,
        step: 0,
        loss: [],
        stretch: 1,
        rest: [],
        observations: [],
        imagesPerSecond: 0,
        secondsLeft: null,
        cost: null,
      };
      const current = earlier
        ? {
            ...fresh,
            ...withLosses(fresh, earlier.losses),
            step: earlier.losses.length,
            observations: earlier.observations,
          }
        : fresh;
      const { interruption, backend } = training;
      const notice = interruption ? describeRecovery(interruption, current.step, backend) : training.notice;
      return { ...training, phase: "training", current, scoring: 0, interruption: null, notice };
    }
    case "recovering":
      return {
        ...training,
        phase: "starting",
        interruption: training.interruption ?? { reason: report.reason, backend: training.backend },
      };
    case "steps":
      return changeCurrent(training, (current) => ({
        ...current,
        ...withLosses(current, report.losses),
        step: report.step,
        imagesPerSecond: report.imagesPerSecond,
        secondsLeft: report.secondsLeft,
        cost: report.cost,
      }));
    case "observation":
      return changeCurrent(training, (current) => ({
        ...current,
        observations: [...current.observations, report.observation],
      }));
    case "scoring":
      return { ...training, phase: "scoring", scoring: report.fraction };
    case "finished":
      return {
        ...training,
        finished: [
          ...training.finished,
          { ...report.result, idempotencyKey: newKey(), ticket: training.ticket, lent: training.lent },
        ],
      };
    case "paused":
      return { ...training, paused: true };
    case "resumed":
      return { ...training, paused: false };
    case "ended":
      return { ...training, phase: report.stopped ? "stopped" : "ended", paused: false };
    case "failed":
      return { ...training, phase: "failed", paused: false, failure: report.failure };
  }
}

/** The sentences say whether the result is still that of an undisturbed training. */
function describeRecovery(
  { reason, backend: before }: { reason: string; backend: BackendReport | null },
  step: number,
  backend: BackendReport | null,
): string {
  const where =
    !before || !backend || before.name === backend.name
      ? "; the result is the same"
      : ` on ${backendLabels[backend.name]}, because ${backendLabels[before.name]} could not be had again; ` +
        "the result may differ in its last digits";
  const what = reason.replace(/[.\s]+$/, "");
  return `${what.slice(0, 1).toUpperCase()}${what.slice(1)}. Training went on from step ${count(step)}${where}.`;
}

export const isRunning = ({ phase }: Pick<Training, "phase">): boolean =>
  phase === "starting" || phase === "loading" || phase === "training" || phase === "scoring";

/** Scoring takes about this share of a variant's time. */
const SCORING_SHARE = 0.15;

/**
 * Overall progress, from 0 to 1.
 * @param variants how many are to be trained
 */
export function fractionDone({ phase, current, scoring, finished }: Training, variants: number): number {
  if (phase === "ended") return 1;
  const underway =
    current &&
    finished.length < variants &&
    !finished.some(({ record }) => record.manifest.variant === current.variant);
  const inVariant = underway ? (1 - SCORING_SHARE) * (current.step / current.steps) + SCORING_SHARE * scoring : 0;
  return Math.min(1, (finished.length + inVariant) / variants);
}

/** Seconds of training left over all variants, at the current speed; null before it is known. */
export function secondsLeft({ current, finished }: Training, variants: number): number | null {
  if (!current || current.secondsLeft === null || current.step === 0) return null;
  const each = (current.secondsLeft * current.steps) / Math.max(1, current.steps - current.step);
  const later = Math.max(0, variants - finished.length - 1);
  return current.secondsLeft + (current.step === current.steps ? 0 : later * each);
}

function changeCurrent(training: Training, change: (current: VariantProgress) => VariantProgress): Training {
  return training.current ? { ...training, current: change(training.current) } : training;
}

function withLosses(
  { loss, stretch, rest, step }: VariantProgress,
  fresh: readonly number[],
): Pick<VariantProgress, "loss" | "stretch" | "rest"> {
  let points = loss;
  let size = stretch;
  let pending = [...rest];
  for (const [index, value] of fresh.entries()) {
    pending.push(value);
    if (pending.length < size) continue;
    points = [...points, { step: step + index + 1, value: mean(pending) }];
    pending = [];
    if (points.length >= CURVE_POINTS) {
      points = Array.from({ length: points.length / 2 }, (_, pair) => ({
        step: points[2 * pair + 1]!.step,
        value: mean([points[2 * pair]!.value, points[2 * pair + 1]!.value]),
      }));
      size *= 2;
    }
  }
  return { loss: points, stretch: size, rest: pending };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
