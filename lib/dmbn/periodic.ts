/**
 * DMBN while a network trains: every E epochs each layer chooses anew, by the
 * weights of that time, and the choice is carried on as every candidate's
 * start. Training never reads it, so the weights stay what they are; but it
 * reads the weights, so no recording of a finished run can replay it. Our reading.
 */
import type { Calibration, PolicyFit, ScheduleOf } from "./fit";
import { bankFor, fitPolicy } from "./fit";
import type { PeriodicPolicy } from "./policy/policy";
import type { RunShape } from "./policy/schedule";
import type { BatchStatistics } from "./running-statistics";
import type { Bank, BankState, BatchNormLayer } from "./trace";

/** What a periodic choice is in the middle of a run: plain data. */
export interface PeriodicState {
  bank: BankState;
  fit: PolicyFit | null;
}

/** One periodic policy over one run: a bank of its candidates that begins anew at each choice. */
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
    const atOnce = { ...policy, every: null };
    const { bank, source } = bankFor([atOnce], layers, scheduleOf);
    this.#bank = bank;
    this.#choose = (calibration) => fitPolicy(atOnce, source, calibration);
  }

  /** Takes in one step's batch statistics, one entry a layer. */
  update(batches: readonly BatchStatistics[]): void {
    this.#bank.update(batches);
  }

  /** Whether a period ends with the steps seen so far; the last one ends with the run. */
  get due(): boolean {
    const { steps } = this.#bank;
    return steps === this.run.steps || steps % (this.policy.every * this.run.stepsPerEpoch) === 0;
  }

  /** Chooses by the weights of now, from what all candidates made of this period. One pass over the calibration set. */
  async choose(calibration: Calibration): Promise<void> {
    this.#fit = await this.#choose(calibration);
    this.#bank.restart(this.#fit.statistics);
  }

  /** Everything that it goes on from; a copy but for the choice, which never changes. */
  state(): PeriodicState {
    return { bank: this.#bank.state(), fit: this.#fit };
  }

  /** Goes on from where a selection of the same policy and run was. */
  restore({ bank, fit }: PeriodicState): void {
    this.#bank.restore(bank);
    this.#fit = fit;
  }

  /** The last choice; null before the first. */
  get fit(): PolicyFit | null {
    return this.#fit;
  }
}
