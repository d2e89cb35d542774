/**
 * Audits: the server trains a published run again from its manifest and compares what came out. On WASM a training has
 * the same bits on every machine with the same JavaScript engine; on other backends sums are rounded in another order,
 * and how much of a run that changes depends on the benchmark.
 */
import type { RunRecord } from "@/lib/records";
import { countDifferent } from "./count-different";

/** What came of an audit. */
export const auditOutcomes = ["same", "within", "alike", "differs", "unknown"] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export const hasPassed = (outcome: AuditOutcome): outcome is "same" | "within" | "alike" =>
  outcome === "same" || outcome === "within" || outcome === "alike";

/** What is compared: of the published run, and of the one that the server trained. */
export interface Trained {
  /** Class id of each test example, by method. */
  predictions: ReadonlyMap<string, Uint8Array>;
  /** As in a run record. */
  losses: RunRecord["curves"]["loss"];
}

/** Accuracies of a method on reference runs of the benchmark, and of the published run. */
export interface Spread {
  method: string;
  accuracy: number;
  /** Null where there is none. */
  references: { runs: number; least: number; most: number } | null;
}

export interface AuditFacts {
  /** The largest share of a method's predictions in which honest runs differ; null where rounding changes all of a run. */
  bound: number | null;
  spreads: readonly Spread[];
  /** The seed of another run whose predictions are the same in every method; null if there is none. */
  copyOf: number | null;
  /** Whether the run was made with the software that trained it again. */
  sameSoftware: boolean;
}

export interface AuditFinding {
  outcome: AuditOutcome;
  /** Over all methods. */
  predictions: number;
  differing: number;
  /** Methods whose predictions differ, the most first. */
  methods: { method: string; differing: number; of: number }[];
  /** Why it is not `same`, in a sentence; null if it is. */
  reason: string | null;
}

/** Losses of so many first steps are compared where rounding changes the rest. */
export const firstSteps = 2;

/**
 * How far losses may lie apart, as a share. At batch 4 rounding grows tenfold a step: 1e-4 by the second step, 0.03 by
 * the third, which the first point of a long run's curve is the mean up to.
 */
export const lossTolerance = 1e-3;
const laterTolerance = 0.05;

/** Compares a published run with the one that the server trained from its manifest. */
export function auditFinding(published: Trained, again: Trained, facts: AuditFacts): AuditFinding {
  const methods = [...published.predictions].map(([method, before]) => {
    const now = again.predictions.get(method);
    return { method, of: before.length, differing: now ? countDifferent(before, now) : before.length };
  });
  const differing = methods.reduce((sum, method) => sum + method.differing, 0);
  const counted = {
    predictions: methods.reduce((sum, { of }) => sum + of, 0),
    differing,
    methods: methods.filter((method) => method.differing > 0).sort((a, b) => b.differing - a.differing),
  };
  const [worst] = counted.methods;
  const unlike = firstUnlikeLoss(published.losses, again.losses, differing === 0 ? Infinity : firstSteps);
  if (unlike === null && !worst) return { ...counted, outcome: "same", reason: null };
  const conclude = (outcome: AuditOutcome, reason: string): AuditFinding =>
    outcome === "differs" && !facts.sameSoftware
      ? { ...counted, outcome: "unknown", reason: `${reason} It was made with another version of DMBench.` }
      : { ...counted, outcome, reason };
  if (unlike)
    return conclude(
      "differs",
      `The loss of step ${unlike.step} was published as ${unlike.published}, and is ${unlike.again}.`,
    );
  if (facts.copyOf !== null)
    return conclude("differs", `Its predictions are those of the run of seed ${facts.copyOf}, in every method.`);
  const share = worst!.differing / worst!.of;
  const most = `${worst!.differing} of ${worst!.of} predictions of ${worst!.method} differ`;
  if (facts.bound !== null)
    return share <= facts.bound
      ? conclude("within", `At most ${most}, within what rounding changes on this benchmark.`)
      : conclude("differs", `${most}; rounding changes at most ${Math.floor(facts.bound * worst!.of)}.`);
  const outside = facts.spreads.find((spread) => !isWithinSpread(spread));
  if (outside)
    return conclude(
      "differs",
      `The accuracy of ${outside.method}, ${percent(outside.accuracy)} %, is far from those of the reference runs, ` +
        `${percent(outside.references!.least)} to ${percent(outside.references!.most)} %.`,
    );
  return conclude(
    "alike",
    `The losses of the first steps are the same but for rounding, which changes all that follows on this benchmark; ` +
      "the accuracies lie where those of the reference runs do.",
  );
}

/** Fewer reference runs than this say nothing of a spread. */
const fewestReferences = 5;

/** Whether a figure is no further out than the reference runs are apart; true where there are too few of these. */
export function isWithinSpread({ accuracy, references }: Spread): boolean {
  if (!references || references.runs < fewestReferences) return true;
  const { least, most } = references;
  const room = Math.max(most - least, 0.02);
  return accuracy >= least - room && accuracy <= most + room;
}

/** The first step whose losses are further apart than rounding makes them; null if there is none up to `last`. */
function firstUnlikeLoss(
  published: Trained["losses"],
  again: Trained["losses"],
  last: number,
): { step: number; published: number; again: number } | null {
  for (const [index, { step, value }] of published.entries()) {
    if (step > last && index > 0) return null;
    const other = again[index]?.value ?? Number.NaN;
    const tolerance = step <= firstSteps || last === Infinity ? lossTolerance : laterTolerance;
    if (!(Math.abs(value - other) <= tolerance * Math.max(Math.abs(other), 1e-3)))
      return { step, published: value, again: other };
  }
  return null;
}

const percent = (fraction: number): string => (100 * fraction).toFixed(1);

/** An audit's outcome in words, for a run's page and its row. */
export function auditInWords({
  outcome,
  predictions,
  differing,
}: Pick<AuditFinding, "outcome" | "predictions" | "differing">): string {
  const count = (value: number) => new Intl.NumberFormat("en-GB").format(value);
  switch (outcome) {
    case "same":
      return `trained again by the server: all ${count(predictions)} predictions the same`;
    case "within":
      return `trained again by the server: ${count(differing)} of ${count(predictions)} predictions differ, within what this backend differs by`;
    case "alike":
      return "trained again by the server: the first steps are the same, and the figures lie where those of other seeds do";
    case "differs":
      return "trained again by the server: differs, so it doesn’t rank";
    case "unknown":
      return "trained again by the server: differs, and was made with another version, so it doesn’t rank";
  }
}
