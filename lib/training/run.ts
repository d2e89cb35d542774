/**
 * A training run: our own loop, in seeded order, on the current backend. An async
 * generator that yields progress every few steps; to pause, don't ask for the
 * next event; to stop, leave the loop. Evaluation never feeds back: the weights
 * don't depend on which policies are scored.
 */
import type { Variable } from "@tensorflow/tfjs-core";
import { tensor, tidy } from "@tensorflow/tfjs-core";
import type { BankState, PeriodicState, Replay, StatisticsSource, Trace } from "@/lib/dmbn";
import { bankFor, fromTrace, needsTrace, PeriodicSelection, TraceRecorder, traceMissing } from "@/lib/dmbn";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { isPeriodic, policyHash, scheduleOn } from "@/lib/dmbn/policy";
import { Network, seededWeights } from "@/lib/models";
import type { Optimizer } from "./optimizer";
import { createOptimizer } from "./optimizer";
import type { RunPlan } from "./plan";
import { calibrationOn, examplesOf } from "./scoring";
import { startSteps } from "./steps";
import { readReport } from "./steps/readback";
import type { Steps, StepTimes } from "./steps/steps";

const TRACE_LIMIT_BYTES = 256 * 2 ** 20;

/** Default number of steps between readbacks: enough to hide their cost, few enough to look responsive. */
const STEPS_PER_REPORT = 16;

/** Whether a run stores its whole trace. If that is too large, it has a bank for the policies given at the start. */
export function keepsTrace({ shape }: RunPlan): boolean {
  return shape.layers.reduce((bytes, { channels }) => bytes + 8 * channels * shape.steps, 0) <= TRACE_LIMIT_BYTES;
}

export interface StepProgress {
  /** Steps done so far. */
  step: number;
  /** Epoch of the last step, from 0. */
  epoch: number;
  /** Loss of each step since the last event, in order. */
  losses: number[];
  /** Images trained on since the last event. */
  images: number;
}

/** A value became infinite or NaN, so the weights are useless. */
export class TrainingDiverged extends Error {
  override name = "TrainingDiverged";

  constructor(
    readonly step: number,
    /** The first batch norm with a value that is not finite; null if only the loss is not finite. */
    readonly layer: string | null,
  ) {
    super(
      `training diverged at step ${step} in ${layer === null ? "the loss" : `layer ${layer}`}: ` +
        "a value is not finite. Lower the learning rate or raise the batch size.",
    );
  }
}

/** A loop, since `every` takes a fifth of a small step's time. */
function areFinite(values: ArrayLike<number>): boolean {
  for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index]!)) return false;
  return true;
}

/** A run in progress as plain data: another run of the same plan and policies resumes from it, bit-identical. */
export interface RunCheckpoint {
  step: number;
  /** The network's parameters, then the optimizer's state. */
  tensors: Float32Array[];
  /** Null if the run has only a bank. */
  trace: Trace | null;
  /** Null if the run has a trace. */
  bank: BankState | null;
  periodic: PeriodicState[];
}

export class TrainingRun {
  readonly network: Network;
  /** Null if the trace would be larger than `TRACE_LIMIT_BYTES`. */
  readonly #recorder: TraceRecorder | null;
  readonly #bank: ReturnType<typeof bankFor> | null;
  readonly #periodic: PeriodicSelection[];
  /** Of the schedules that an evaluation has read. */
  readonly #replays = new Map<string, Replay>();
  readonly #optimizer: Optimizer;
  readonly #steps: Steps;
  #step = 0;
  #stepsPerReport = STEPS_PER_REPORT;

  /**
   * @param policies the policies to score; needed this early only for periodic policies, which choose during training,
   * and if the trace is too large to store
   * @param now a clock in milliseconds, for `times`; the default is always 0
   * @throws PolicyError if a policy needs a trace and the run can't store it
   */
  constructor(
    readonly plan: RunPlan,
    policies: readonly MomentumPolicy[] = [],
    now: () => number = () => 0,
  ) {
    const traced = keepsTrace(plan);
    const unfit = traced ? undefined : policies.find(needsTrace);
    if (unfit) throw traceMissing(unfit);
    this.network = new Network(plan.graph, seededWeights(plan.graph, plan.seed));
    this.#optimizer = createOptimizer(plan.recipe, this.network.parameters);
    this.#steps = startSteps({ plan, network: this.network, optimizer: this.#optimizer, now });
    const { batchNorms } = this.network;
    this.#recorder = traced ? new TraceRecorder(batchNorms, plan.shape.steps) : null;
    this.#bank = traced ? null : bankFor(policies, batchNorms, scheduleOn(plan.shape));
    this.#periodic = policies
      .filter(isPeriodic)
      .map((policy) => new PeriodicSelection(policy, batchNorms, plan.shape, scheduleOn(plan.shape)));
  }

  /** Steps done. */
  get step(): number {
    return this.#step;
  }

  /** Seconds by phase so far. */
  get times(): StepTimes {
    return { ...this.#steps.times };
  }

  /** Dispatches of the captured step, or jobs on WASM; or why capture failed. */
  get captured(): Pick<Steps, "dispatches" | "fault"> {
    const { dispatches, fault } = this.#steps;
    return { dispatches, fault };
  }

  /** Steps between readbacks: with more of them a fast device waits less. Doesn't change the results. */
  set stepsPerReport(steps: number) {
    this.#stepsPerReport = Math.max(1, Math.min(Math.round(steps), this.#steps.maxCount));
  }

  get stepsPerReport(): number {
    return this.#stepsPerReport;
  }

  /** The trace so far; null if the run has only a bank. */
  get trace(): Trace | null {
    return this.#recorder?.trace() ?? null;
  }

  /** Running statistics so far: of any schedule, or with only a bank, of the policies given at the start. */
  get source(): StatisticsSource {
    const source = this.#bank?.source ?? fromTrace(this.trace!, scheduleOn(this.plan.shape), this.#replays);
    return {
      ...source,
      chosen: (policy) =>
        this.#periodic.find((selection) => policyHash(selection.policy) === policyHash(policy))?.fit ?? null,
    };
  }

  /** A checkpoint of the run; call it between two events of `steps`. GPU → CPU. */
  async checkpoint(): Promise<RunCheckpoint> {
    const trace = this.trace;
    const values = await Promise.all(this.#variables().map((variable) => variable.data<"float32">()));
    return {
      step: this.#step,
      tensors: values.map((value) => value.slice()),
      trace: trace && {
        ...trace,
        layers: trace.layers.map((layer) => ({ ...layer, mean: layer.mean.slice(), variance: layer.variance.slice() })),
      },
      bank: this.#bank?.bank.state() ?? null,
      periodic: this.#periodic.map((selection) => selection.state()),
    };
  }

  /**
   * Resumes from a checkpoint of the same plan and policies; call it before the first step.
   * @throws RangeError if the checkpoint is of another plan
   */
  restore({ step, tensors, trace, bank, periodic }: RunCheckpoint): void {
    const variables = this.#variables();
    const fits =
      step <= this.plan.shape.steps &&
      tensors.length === variables.length &&
      tensors.every(({ length }, index) => length === variables[index]!.size);
    if (!fits || (trace === null) !== (this.#recorder === null) || periodic.length !== this.#periodic.length) {
      throw new RangeError("the checkpoint is of another run: network, optimizer and policies must be the same");
    }
    tidy(() => {
      for (const [index, variable] of variables.entries()) variable.assign(tensor(tensors[index]!, variable.shape));
    });
    this.#step = step;
    if (trace) this.#recorder!.restore(trace);
    if (bank) this.#bank!.bank.restore(bank);
    for (const [index, selection] of this.#periodic.entries()) selection.restore(periodic[index]!);
  }

  #variables(): Variable[] {
    return [...this.network.parameters, ...this.#optimizer.state];
  }

  /**
   * Trains to the end, yielding every few steps.
   * @throws TrainingDiverged naming the step and layer
   */
  async *steps(): AsyncGenerator<StepProgress, void, void> {
    const { recipe, shape } = this.plan;
    while (this.#step < shape.steps) {
      const epoch = Math.floor(this.#step / shape.stepsPerEpoch);
      const last = Math.min((epoch + 1) * shape.stepsPerEpoch, shape.steps);
      const count = Math.min(this.#stepsPerReport, last - this.#step);
      const values = await this.#steps.run(this.#step, count);
      this.#step += count;
      const losses = this.#addReports(values, count);
      await this.#choose();
      yield { step: this.#step, epoch, losses, images: count * recipe.batchSize };
    }
  }

  dispose(): void {
    this.#steps.dispose();
    this.network.dispose();
    this.#optimizer.dispose();
  }

  /** Makes the choice of every periodic policy whose period ends here. A readback always ends where a period does. */
  async #choose(): Promise<void> {
    const due = this.#periodic.filter((selection) => selection.due);
    if (due.length === 0) return;
    const calibration = calibrationOn(this.network, examplesOf(this.plan).calibration);
    try {
      for (const selection of due) await selection.choose(calibration);
    } finally {
      calibration.dispose();
    }
  }

  /** Adds the reports that were read back to the trace or bank; returns the losses. */
  #addReports(values: Float32Array, steps: number): number[] {
    const { batchNorms } = this.network;
    const size = values.length / steps;
    const losses: number[] = [];
    for (let index = 0; index < steps; index++) {
      const step = this.#step - steps + index + 1;
      const { loss, batches } = readReport(
        values.subarray(index * size, (index + 1) * size),
        batchNorms,
        this.plan.recipe.batchSize,
      );
      const diverged = batches.findIndex(({ mean, variance }) => !(areFinite(mean) && areFinite(variance)));
      if (diverged >= 0) throw new TrainingDiverged(step, batchNorms[diverged]!.name);
      if (!Number.isFinite(loss)) throw new TrainingDiverged(step, null);
      this.#recorder?.write(batches);
      this.#bank?.bank.update(batches);
      for (const selection of this.#periodic) selection.update(batches);
      losses.push(loss);
    }
    return losses;
  }
}
