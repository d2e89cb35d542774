/**
 * DMBN while a network trains: every E epochs each layer chooses by the current
 * weights, and all candidates continue from the choice. Training never reads the
 * choice, so the weights are the same without it. The choice reads the weights of
 * its epoch, so it can't be replayed from the trace of a finished run. Our reading.
 */
import type { Calibration, PolicyFit, ScheduleOf } from "./fit";
import { bankFor, fitPolicy } from "./fit";
import type { PeriodicPolicy } from "./policy/policy";
import type { RunShape } from "./policy/schedule";
import type { BatchStatistics } from "./running-statistics";
import type { Bank, BankState, BatchNormLayer } from "./trace";

/** The state of a periodic selection in the middle of a run, as plain data for a checkpoint. */
export interface PeriodicState {
  bank: BankState;
  fit: PolicyFit | null;
}

/** One periodic policy over one run: a bank of its candidates that restarts from each choice. */
export class PeriodicSelection {
  readonly #bank: Bank;
  readonly #choose: (calibration: Calibration) => Promise<PolicyFit>;
  #fit: PolicyFit | null = null;

  constructor(
    readonly policy: PeriodicPolicy,
    layers: readonly BatchNormLayer[],
    readonly run: Pick<RunShape, "steps" | "stepsPerEpoch">,
    scheduleOf: ScheduleOf,
  ) {
    const once = { ...policy, every: null };
    const { bank, source } = bankFor([once], layers, scheduleOf);
    this.#bank = bank;
    this.#choose = (calibration) => fitPolicy(once, source, calibration);
  }

  /** Updates every candidate with one step's batch statistics, one entry per layer. */
  update(batches: readonly BatchStatistics[]): void {
    this.#bank.update(batches);
  }

  /** Whether a period ends after the current step; the last period ends with the run. */
  get due(): boolean {
    const { steps } = this.#bank;
    return steps === this.run.steps || steps % (this.policy.every * this.run.stepsPerEpoch) === 0;
  }

  /** Chooses by the current weights and continues all candidates from the choice. One pass over the calibration set. */
  async choose(calibration: Calibration): Promise<void> {
    this.#fit = await this.#choose(calibration);
    this.#bank.restart(this.#fit.statistics);
  }

  /** The state for `restore`: a copy, except for the fit, which never changes. */
  state(): PeriodicState {
    return { bank: this.#bank.state(), fit: this.#fit };
  }

  /** Resumes from the state of a selection of the same policy and run. */
  restore({ bank, fit }: PeriodicState): void {
    this.#bank.restore(bank);
    this.#fit = fit;
  }

  /** The last choice; null before the first. */
  get fit(): PolicyFit | null {
    return this.#fit;
  }
}
