/**
 * Weights that come with a run: the server scores the run's methods on them and compares. Nothing is trained, so rounding
 * decides only what lies between two classes, and bounds are far below those of an audit.
 */

import { countDifferent } from "./count-different";

/** The largest file of weights and trace that is taken, in bytes. */
export const weightsLimitBytes = 24_000_000;

/** How many runs of a board, in one variant, the site keeps the weights of: each costs every new policy a replay. */
export const weightsKept = { scoredAtOnce: 20, others: 5 } as const;

/** What came of it. `refused`: the file is not the trajectory of the run. */
export const weightsOutcomes = ["same", "within", "differs", "unknown", "refused"] as const;
export type WeightsOutcome = (typeof weightsOutcomes)[number];

/** A method on the run: as it was published, or as the server scored it on the weights. */
export interface MethodOnRun {
  predictions: Uint8Array;
  /** Sum over layers of the shifts of mean and deviation. */
  shift: number;
}

export interface WeightsFinding {
  outcome: WeightsOutcome;
  /** Over all methods that were compared. */
  predictions: number;
  differing: number;
  /** Why it is not `same`, in a sentence. */
  reason: string | null;
}

/** The largest share of a method's predictions that another backend changes with the same weights. */
export const replayBound = 0.005;

/** How far a claimed shift may lie from the one that the server computes, as a share. */
export const shiftTolerance = 0.02;

/**
 * Compares a published run with what its weights give.
 * @param again of the methods that can be scored on weights and trace; the others are not compared
 */
export function weightsFinding(
  published: ReadonlyMap<string, MethodOnRun>,
  again: ReadonlyMap<string, MethodOnRun>,
  { sameSoftware }: { sameSoftware: boolean },
): WeightsFinding {
  const methods = [...again].map(([method, now]) => {
    const before = published.get(method)!;
    const differing = countDifferent(before.predictions, now.predictions);
    return { method, of: now.predictions.length, differing, claimed: before.shift, shift: now.shift };
  });
  const counted = {
    predictions: methods.reduce((sum, { of }) => sum + of, 0),
    differing: methods.reduce((sum, { differing }) => sum + differing, 0),
  };
  const conclude = (outcome: WeightsOutcome, reason: string | null): WeightsFinding => ({
    ...counted,
    outcome: outcome === "differs" && !sameSoftware ? "unknown" : outcome,
    reason,
  });
  if (methods.length === 0) return conclude("unknown", "None of its methods can be scored on weights and trace.");
  const worst = methods.reduce((most, method) => (share(method) > share(most) ? method : most));
  if (share(worst) > replayBound)
    return conclude(
      "differs",
      `On its weights ${worst.method} predicts ${worst.differing} of ${worst.of} examples otherwise; ` +
        `rounding changes at most ${Math.floor(replayBound * worst.of)}.`,
    );
  const off = methods.find(
    ({ claimed, shift }) => !(Math.abs(claimed - shift) <= shiftTolerance * Math.max(shift, claimed, 1e-3)),
  );
  if (off)
    return conclude(
      "differs",
      `It claims an estimation shift of ${off.claimed.toPrecision(4)} for ${off.method}; its weights and trace give ${off.shift.toPrecision(4)}.`,
    );
  return counted.differing === 0
    ? conclude("same", null)
    : conclude("within", `At most ${worst.differing} of ${worst.of} predictions of ${worst.method} differ.`);
}

const share = ({ differing, of }: { differing: number; of: number }): number => differing / of;

/** What came of it in words, for a run's page. */
export function weightsInWords({ outcome, predictions, differing }: Omit<WeightsFinding, "reason">): string {
  const count = (value: number) => new Intl.NumberFormat("en-GB").format(value);
  switch (outcome) {
    case "same":
      return `weights re-evaluated by the server: all ${count(predictions)} predictions the same`;
    case "within":
      return `weights re-evaluated by the server: ${count(differing)} of ${count(predictions)} predictions differ, no more than rounding changes`;
    case "differs":
      return "weights re-evaluated by the server: they give other figures, so it doesn’t rank";
    case "unknown":
      return "weights re-evaluated by the server: they can’t be compared with what was published";
    case "refused":
      return "the weights that came with it are not of this run";
  }
}
