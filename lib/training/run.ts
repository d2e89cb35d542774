/**
 * A training run: our own loop, in seeded order, on whatever backend is in use.
 * It yields what happened every few steps; pausing is not asking for more, and
 * stopping is leaving the loop. Nothing that is evaluated feeds back: the weights are the same whatever is scored.
 */
import type { Variable } from "@tensorflow/tfjs-core";
import { tensor, tidy } from "@tensorflow/tfjs-core";
import type { BankState, PeriodicState, StatisticsSource, Trace } from "@/lib/dmbn";
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

/** Steps between two readbacks, to begin with: enough to hide their cost, few enough to show life. */
const STEPS_PER_REPORT = 16;

/**
 * Whether the trace of a run is small enough to keep; if not, the run keeps a bank for the policies named beforehand.
 */
export function keepsTrace({ shape }: RunPlan): boolean {
  return shape.layers.reduce((bytes, { channels }) => bytes + 8 * channels * shape.steps, 0) <= TRACE_LIMIT_BYTES;
}

export interface StepsReport {
  /** Steps done so far. */
  step: number;
  /** Epoch of the last step, from 0. */
  epoch: number;
  /** Loss of each step since the last report, in order. */
  losses: number[];
  /** Images trained on since the last report. */
  images: number;
}

/** A number stopped being finite; the weights are of no use any more. */
export class TrainingDiverged extends Error {
  override name = "TrainingDiverged";

  constructor(
    readonly step: number,
    /** The first batch norm with a value that is not finite; null where only the loss is. */
    readonly layer: string | null,
  ) {
    super(
      `training diverged at step ${step}${layer === null ? " in the loss" : ` in layer ${layer}`}: a value is not finite. Lower the learning rate or raise the batch size.`,
    );
  }
}

/**
 * A run in progress, between two reports: plain data that another run of the same plan and policies goes on from, to
 * the bit.
 */
export interface RunCheckpoint {
  step: number;
  /** Parameters, then what the optimizer remembers, each in its own order. */
  tensors: Float32Array[];
  /** Null where only a bank is kept. */
  trace: Trace | null;
  /** Null where a trace is kept. */
  bank: BankState | null;
  periodic: PeriodicState[];
}

export class TrainingRun {
  readonly network: Network;
  /** Null where the trace would be larger than `TRACE_LIMIT_BYTES`. */
  readonly #recorder: TraceRecorder | null;
  readonly #bank: ReturnType<typeof bankFor> | null;
  readonly #periodic: PeriodicSelection[];
  readonly #optimizer: Optimizer;
  readonly #steps: Steps;
  #step = 0;
  #stepsPerReport = STEPS_PER_REPORT;

  /**
   * @param policies what will be scored; needed beforehand only where the trace is too large, and for periodic ones,
   * which are followed in training
   * @param now milliseconds from any start, for `times`; by default no time passes
   * @throws PolicyError where one of them needs a trace and the run can't keep it
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

  /** Where the seconds went so far. */
  get times(): StepTimes {
    return { ...this.#steps.times };
  }

  /** How steps are done: dispatches of a recorded one, or why none is recorded where the backend can. */
  get recorded(): Pick<Steps, "dispatches" | "fault"> {
    const { dispatches, fault } = this.#steps;
    return { dispatches, fault };
  }

  /** Steps to the next report; more of them make a fast device wait less. The results are the same. */
  set stepsPerReport(steps: number) {
    this.#stepsPerReport = Math.max(1, Math.min(Math.round(steps), this.#steps.most));
  }

  get stepsPerReport(): number {
    return this.#stepsPerReport;
  }

  /** The trace so far; null where only a bank is kept. */
  get trace(): Trace | null {
    return this.#recorder?.trace() ?? null;
  }

  /** Running statistics so far, of any schedule, or of those named beforehand where only a bank is kept. */
  get source(): StatisticsSource {
    const source = this.#bank?.source ?? fromTrace(this.trace!, scheduleOn(this.plan.shape));
    return {
      ...source,
      chosen: (policy) =>
        this.#periodic.find((followed) => policyHash(followed.policy) === policyHash(policy))?.fit ?? null,
    };
  }

  /** To be asked for between two reports. GPU → CPU. */
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
   * Goes on from where a run of the same plan and policies was; before the first step.
   * @throws RangeError where the checkpoint is of another plan
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
    tidy(() => variables.forEach((variable, index) => variable.assign(tensor(tensors[index]!, variable.shape))));
    this.#step = step;
    if (trace) this.#recorder!.restore(trace);
    if (bank) this.#bank!.bank.restore(bank);
    this.#periodic.forEach((selection, index) => selection.restore(periodic[index]!));
  }

  #variables(): Variable[] {
    return [...this.network.parameters, ...this.#optimizer.state];
  }

  /**
   * Trains to the end, yielding every few steps.
   * @throws TrainingDiverged naming the step and layer
   */
  async *steps(): AsyncGenerator<StepsReport, void, void> {
    const { recipe, shape } = this.plan;
    while (this.#step < shape.steps) {
      const epoch = Math.floor(this.#step / shape.stepsPerEpoch);
      const last = Math.min((epoch + 1) * shape.stepsPerEpoch, shape.steps);
      const count = Math.min(this.#stepsPerReport, last - this.#step);
      const values = await this.#steps.run(this.#step, count);
      this.#step += count;
      const losses = this.#record(values, count);
      await this.#choose();
      yield { step: this.#step, epoch, losses, images: count * recipe.batchSize };
    }
  }

  dispose(): void {
    this.#steps.dispose();
    this.network.dispose();
    this.#optimizer.dispose();
  }

  /** Lets the periodic policies choose whose period ends here: periods end with an epoch, and so does a readback. */
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

  /** Takes read-back reports into the trace or bank; returns the losses. */
  #record(values: Float32Array, steps: number): number[] {
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
      const endless = batches.findIndex(
        ({ mean, variance }) =>
          ![mean, variance].every((statistics) => Array.prototype.every.call(statistics, Number.isFinite)),
      );
      if (endless >= 0) throw new TrainingDiverged(step, batchNorms[endless]!.name);
      if (!Number.isFinite(loss)) throw new TrainingDiverged(step, null);
      this.#recorder?.write(batches);
      this.#bank?.bank.update(batches);
      for (const selection of this.#periodic) selection.update(batches);
      losses.push(loss);
    }
    return losses;
  }
}
