/**
 * Fitting a momentum policy to a finished run: its statistics for inference,
 * their estimation shift, and the momentum of each layer.
 */
import { closedFormMomenta } from "./drift";
import type { EstimationShift } from "./estimation-shift";
import type { Criterion, Labels } from "./labels";
import { cheapest, costOf } from "./labels";
import { estimatorsOf } from "./policy/choice";
import type { LayerMomentum } from "./policy/layer-momentum";
import { isGridEdge, layerMomentum } from "./policy/layer-momentum";
import { isPeriodic } from "./policy/periodic";
import type { MomentumPolicy, RecalibratePolicy, SchedulePolicy, SelectPolicy } from "./policy/policy";
import { PolicyError } from "./policy/policy-error";
import { byConstants, correctionsOf, trainingModeStatistics } from "./recalibration";
import type { RunningStatistics } from "./running-statistics";
import type { Choice, InferenceCursor } from "./selection";
import { leastShift, populationStatistics, walk } from "./selection";
import { forSmallBatches } from "./small-batch";
import type { BatchNormLayer, Schedule, Trace } from "./trace";
import { Bank, Replay, replay } from "./trace";

/** Where the running statistics of a schedule come from: a trace, or a bank that was updated in training. */
export interface StatisticsSource {
  /**
   * Running statistics under a schedule, by layer.
   * @throws RangeError if the bank has no such schedule
   */
  statistics(policy: SchedulePolicy): RunningStatistics[];
  /** Null if there is only a bank. */
  trace: Trace | null;
  /** The last choice of a periodic selection; null if training did not follow the policy. */
  chosen?(policy: SelectPolicy): PolicyFit | null;
}

/** Whether a policy reads the statistics of individual steps, or how many values they are of: a bank stores neither. */
export const needsTrace = (policy: MomentumPolicy): boolean =>
  (policy.kind === "select" && policy.by === "drift") ||
  (policy.kind === "recalibrate" && policy.correction?.by === "small-batch");

/** Turns a schedule policy into its schedule on one run: `scheduleOn(run)` of ./policy. */
export type ScheduleOf = (policy: SchedulePolicy) => Schedule;

/** The error for a policy that needs a trace, on a run that has only a bank. */
export const traceMissing = (policy: MomentumPolicy): PolicyError =>
  new PolicyError({
    field: policy.kind === "recalibrate" ? "correction.by" : "by",
    found: policy.kind === "select" ? policy.by : policy.kind === "recalibrate" ? "small-batch" : policy.kind,
    expected: "a rule that needs no trace, for the trace of this run is too large to keep",
    remedy: "Shorten the run, lower the width, or choose by estimation-shift.",
  });

/** The schedules whose statistics a policy needs: itself, its candidates under each of its estimators, or none. */
export function schedulesOf(policy: MomentumPolicy): SchedulePolicy[] {
  switch (policy.kind) {
    case "schedule":
      return [policy];
    case "select":
      return estimatorsOf(policy).flatMap((variance) =>
        policy.candidates.map((momentum) => ({
          kind: "schedule",
          momentum,
          varianceMomentum: null,
          initial: { mean: 0, variance: 1 },
          debias: false,
          variance,
        })),
      );
    case "recalibrate":
      return [];
  }
}

const keyOf = (policy: SchedulePolicy) =>
  JSON.stringify([policy.momentum, policy.varianceMomentum, policy.initial, policy.debias, policy.variance]);

/**
 * A source that replays schedules on `trace`, each only once.
 * @param replays those of an earlier source of the same run, whose trace was shorter: they go on where they ended
 */
export function fromTrace(
  trace: Trace,
  scheduleOf: ScheduleOf,
  replays: Map<string, Replay> = new Map(),
): StatisticsSource {
  return {
    trace,
    statistics(policy) {
      const key = keyOf(policy);
      const replay = replays.get(key) ?? new Replay(trace.layers, scheduleOf(policy));
      replays.set(key, replay);
      return replay.to(trace);
    },
  };
}

/** A bank with every schedule that `policies` need, and the source that reads it. */
export function bankFor(
  policies: readonly MomentumPolicy[],
  layers: readonly BatchNormLayer[],
  scheduleOf: ScheduleOf,
): { bank: Bank; source: StatisticsSource } {
  const schedules = new Map(policies.flatMap(schedulesOf).map((policy) => [keyOf(policy), policy]));
  const keys = [...schedules.keys()];
  const bank = new Bank(layers, [...schedules.values()].map(scheduleOf));
  return {
    bank,
    source: {
      trace: null,
      statistics(policy) {
        const k = keys.indexOf(keyOf(policy));
        if (k < 0)
          throw new RangeError(
            `the bank of this run was not kept for β = ${policy.momentum}; name the policy before training`,
          );
        return layers.map((_, layer) => bank.statistics(k, layer));
      },
    },
  };
}

export interface PolicyFit {
  /** For inference, by layer. */
  statistics: RunningStatistics[];
  shift: EstimationShift[];
  momentumPerLayer: LayerMomentum[];
  /** Names of the layers whose choice is the first or last candidate. */
  edgeOfGrid: string[];
}

/** The calibration set of a fit. */
export interface Calibration {
  layers: readonly BatchNormLayer[];
  /**
   * Inference on the first `samples` calibration examples, or on all, stopped before the first batch norm. The fit
   * disposes the cursors.
   */
  cursors(samples: number | null): InferenceCursor[];
  /** Calibration examples. */
  readonly size: number;
  /** Their true class ids, for policies that choose by labels; null where there are none. */
  readonly labels: Labels | null;
  /** Inference on `count` batches of `size` examples, stopped before the first batch norm. The caller disposes each. */
  batches(size: number, count: number): Iterable<InferenceCursor>;
}

/**
 * Fits `policy`: one pass over the calibration set, one readback per layer.
 * @throws PolicyError if it needs a trace or labels and there are none, or if it is a periodic selection that training
 * did not follow
 */
export async function fitPolicy(
  policy: MomentumPolicy,
  source: StatisticsSource,
  calibration: Calibration,
): Promise<PolicyFit> {
  if (isPeriodic(policy)) {
    const chosen = source.chosen?.(policy);
    if (chosen) return chosen;
    throw new PolicyError({
      field: "every",
      found: String(policy.every),
      expected: "null on a finished or recorded run",
      remedy:
        "A periodic choice reads the weights of its time, which no recording keeps: name it before training, " +
        "on the train page or with dmbench train --policies, or choose once at the end.",
    });
  }
  const { layers } = calibration;
  const batches = policy.kind === "recalibrate" ? await measuredInBatches(policy, calibration) : null;
  const momentumPerLayer: LayerMomentum[] = [];
  const edgeOfGrid: string[] = [];
  const sample = policy.kind === "recalibrate" && policy.samples !== null ? calibration.cursors(policy.samples) : [];
  const cursors = calibration.cursors(null);
  const measured = { all: cursors, sample, batches, layers: layers.length, labels: calibration.labels };
  try {
    const { statistics, shift } = await walk(
      cursors,
      layers,
      chooserOf(policy, source, measured, (layer, momentum, edge) => {
        momentumPerLayer.push(momentum);
        if (edge) edgeOfGrid.push(layers[layer]!.name);
      }),
    );
    return { statistics, shift, momentumPerLayer, edgeOfGrid };
  } finally {
    for (const cursor of [...cursors, ...sample]) cursor.dispose();
  }
}

type Chooser = (layer: number, population: RunningStatistics) => Choice | Promise<Choice>;
type Note = (layer: number, momentum: LayerMomentum, edge: boolean) => void;

/** What a policy measures on. */
interface Measured {
  all: readonly InferenceCursor[];
  /** Its `samples`; empty if it takes all. */
  sample: readonly InferenceCursor[];
  /** Statistics in training mode, by layer; null if it measures in inference mode. */
  batches: readonly RunningStatistics[] | null;
  /** Batch norms of the network. */
  layers: number;
  labels: Labels | null;
}

function chooserOf(policy: MomentumPolicy, source: StatisticsSource, measured: Measured, note: Note): Chooser {
  switch (policy.kind) {
    case "schedule": {
      const statistics = source.statistics(policy);
      return (layer) => {
        note(layer, layerMomentum(policy.momentum), false);
        return { statistics: statistics[layer]! };
      };
    }
    case "select":
      return selection(policy, source, measured, note);
    case "recalibrate":
      return recalibration(policy, source, measured, note);
  }
}

function selection(policy: SelectPolicy, source: StatisticsSource, measured: Measured, note: Note): Chooser {
  switch (policy.by) {
    case "drift":
      return closedForm(policy, source, note);
    case "estimation-shift":
      return byShift(policy, source, note);
    case "loss":
    case "accuracy":
      return byLabels({ ...policy, by: policy.by }, source, measured, note);
  }
}

/** @throws PolicyError if the split has fewer batches than the policy asks for */
async function measuredInBatches(
  { batches }: RecalibratePolicy,
  calibration: Calibration,
): Promise<RunningStatistics[] | null> {
  if (!batches) return null;
  // As many as there are; a split smaller than a batch is one.
  const size = batches.count === null ? Math.min(batches.size, calibration.size) : batches.size;
  const most = Math.floor(calibration.size / size);
  const count = batches.count ?? most;
  if (count > most) {
    throw new PolicyError({
      field: "batches",
      found: `${count} batches of ${size}`,
      expected: `no more than the calibration split holds: ${calibration.size} examples`,
      remedy: "Lower batches.count or batches.size, or hold more calibration examples back.",
    });
  }
  return trainingModeStatistics(calibration.batches(size, count), calibration.layers, batches.variance);
}

function recalibration(
  policy: RecalibratePolicy,
  { trace }: StatisticsSource,
  { all, sample, batches, layers, labels }: Measured,
  note: Note,
): Chooser {
  const { correction } = policy;
  const cursors = sample.length > 0 ? sample : all;
  /** Values of a channel in a batch of training: examples × positions. */
  const valuesInBatch = (layer: number): number => {
    if (!trace) throw traceMissing(policy);
    const { count } = trace.layers[layer]!;
    if (count < 2) throw tooFewValues(count);
    return count;
  };
  return async (layer, population) => {
    note(layer, null, false);
    if (batches) return { statistics: batches[layer]! };
    let statistics = sample.length > 0 ? await populationStatistics(sample.map(({ value }) => value)) : population;
    if (correction?.by === "loss") {
      if (!labels) throw labelsMissing(policy);
      const choices = correctionsOf(correction).map((constants) => byConstants(statistics, constants));
      const sites = { layers, labels, criterion: "loss" } as const;
      statistics = choices[await cheapest(choices, (choice) => costOf(cursors, [choice], sites))]!;
    } else if (correction?.by === "small-batch") {
      const site = { cursors, values: valuesInBatch(layer), isLast: layer + 1 === layers };
      statistics = await forSmallBatches(statistics, site);
    } else if (correction) statistics = byConstants(statistics, correction);
    for (const cursor of sample) cursor.advance(statistics);
    return { statistics };
  };
}

const tooFewValues = (found: number) =>
  new PolicyError({
    field: "correction.by",
    found: `small-batch, on a run with ${found} value of a channel in a batch`,
    expected: "a run with at least 2, whose spread can be corrected",
    remedy: "Recalibrate without a correction.",
  });

function byShift(policy: SelectPolicy, source: StatisticsSource, note: Note): Chooser {
  const candidates = schedulesOf(policy).map((candidate) => source.statistics(candidate)); // [candidate][layer]
  const options = { perChannel: policy.granularity === "channel", separate: policy.parameters === "separate" };
  return (layer, population) => {
    const { statistics, candidate } = leastShift(
      candidates.map((byLayer) => byLayer[layer]!),
      population,
      options,
    );
    if (candidate === null) note(layer, null, false);
    else noteCandidate(policy, candidate, layer, note);
    return policy.order === "sequential" ? { statistics } : { statistics, passedOn: population };
  };
}

/** The error for a policy that chooses by labels, on a calibration set without them. */
const labelsMissing = (policy: MomentumPolicy): PolicyError =>
  new PolicyError({
    field: policy.kind === "recalibrate" ? "correction.by" : "by",
    found: policy.kind === "select" ? policy.by : "loss",
    expected: "a calibration set with labels, which this choice reads",
    remedy: "Give the labels of the calibration examples, or choose by estimation-shift.",
  });

function byLabels(
  policy: SelectPolicy & { by: Criterion },
  source: StatisticsSource,
  { all, layers, labels }: Measured,
  note: Note,
): Chooser {
  if (!labels) throw labelsMissing(policy);
  const candidates = schedulesOf(policy).map((candidate) => source.statistics(candidate)); // [candidate][layer]
  const sites = { layers, labels, criterion: policy.by };
  const isWhole = policy.granularity === "network";
  let chosen = 0;
  return async (layer) => {
    if (!isWhole || layer === 0)
      chosen = await cheapest(candidates, (byLayer) => costOf(all, isWhole ? byLayer : [byLayer[layer]!], sites));
    noteCandidate(policy, chosen, layer, note);
    return { statistics: candidates[chosen]![layer]! };
  };
}

/** Notes the β of a candidate by its index among those of all estimators. */
function noteCandidate({ candidates }: SelectPolicy, index: number, layer: number, note: Note): void {
  const candidate = index % candidates.length;
  note(layer, layerMomentum(candidates[candidate]!), isGridEdge(candidate, candidates));
}

function closedForm(policy: SelectPolicy, { trace }: StatisticsSource, note: Note): Chooser {
  if (!trace) throw traceMissing(policy);
  const momenta = closedFormMomenta(trace, { separate: policy.parameters === "separate" });
  const statistics = replay(trace, {
    momentum: (_, layer) => momenta[layer]!.mean,
    varianceMomentum: (_, layer) => momenta[layer]!.variance,
    variance: policy.variance,
  });
  return (layer) => {
    const { mean, variance } = momenta[layer]!;
    note(layer, mean === variance ? mean : null, false);
    return { statistics: statistics[layer]! };
  };
}
