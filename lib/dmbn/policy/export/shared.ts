/**
 * Shared by the exports: the form of an export, reading a policy's settings, and the notes on what
 * a library can't do. If a library has a setting for the policy, the export is that setting;
 * otherwise it is a loop.
 */
import { compile, variablesOf } from "../expression";
import type { RecalibratePolicy, SchedulePolicy, SelectPolicy, VarianceEstimator } from "../policy";
import { parseExpression } from "../syntax";
import type { Scope, VariableName } from "../vocabulary";
import type { Dialect } from "./translate";
import { translate } from "./translate";

export interface CodeExport {
  code: string;
  /** What the code assumes, and where it can't follow the policy exactly. */
  notes: readonly string[];
}

/** Whether an average starts as every library's does, at mean 0 and variance 1, or the start cancels out. */
export const standardInitial = (policy: SchedulePolicy) =>
  policy.debias || (policy.initial.mean === 0 && policy.initial.variance === 1);

/** β as a number if it is the same at every step and layer, else null. */
export function constantOf(policy: SchedulePolicy): number | null {
  const settled = policy.varianceMomentum === null && !policy.debias && variablesOf(policy.momentum).size === 0;
  return settled ? compile(policy.momentum)({} as Scope) : null;
}

/** Whether one of the policy's expressions reads the variable `name`. */
export const reads = (policy: SchedulePolicy, name: VariableName) =>
  variablesOf(policy.momentum).has(name) ||
  (policy.varianceMomentum !== null && variablesOf(policy.varianceMomentum).has(name));

/** Joins lines to the text of a program; `false` leaves a line out. */
export const lines = (...parts: (string | false | readonly (string | false)[])[]) =>
  parts
    .flat()
    .filter((part) => part !== false)
    .join("\n");
/** Lines of Python, indented by `depth` levels. */
export const indented = (depth: number, ...parts: (string | false)[]) =>
  parts.filter((part) => part !== false).map((part) => `${"    ".repeat(depth)}${part}`);

/** Translates expressions into one language. */
export const expressionIn = (dialect: Dialect) => (expression: string) =>
  translate(parseExpression(expression), dialect);

/** The note for a library that averages a different variance than the policy. */
export const varianceNotes = (library: string, kept: VarianceEstimator, wanted: VarianceEstimator): string[] => {
  if (wanted === kept) return [];
  const ratio = kept === "unbiased" ? "(n − 1)/n" : "n/(n − 1)";
  if (wanted === "total")
    return [`The policy keeps the total variance, ${library} the ${kept} one: the part between batches is missing.`];
  return [
    `The policy keeps the ${wanted} variance, ${library} the ${kept} one: they differ by the factor ${ratio}, ` +
      "n being the values of a channel in a batch.",
  ];
};

/** The note for code that computes β by the library's own power or elementary functions. */
export const lastBitNotes = (language: string, ...expressions: readonly (string | null)[]): string[] =>
  expressions.some((expression) => expression !== null && /\^|\b(?:exp|log|pow|sin|cos|tanh)\(/.test(expression))
    ? [
        `Powers and functions such as cos are ${language}'s own here. This site computes them the same in every browser ` +
          "and on the server; β can differ from it in the last bit.",
      ]
    : [];

export const separateNote = (library: string) =>
  `${library} has one momentum for both statistics: it is set so that they hold the last batch alone, ` +
  "and the averages are kept by hand.";

export const averagedNote =
  "Averages the biased statistics of the calibration batches, each layer behind batch statistics. " +
  "With large calibration batches this agrees with measuring layer after layer.";

/** The note for a library that averages the biased variances of batches, for a policy that measures in `batches`. */
export const batchesNotes = (library: string, { variance, size }: NonNullable<RecalibratePolicy["batches"]>) => [
  `Make calibration batches of ${size}, all whole.`,
  variance === "pooled"
    ? `${library} averages the biased variances of the batches: the part between batches is missing.`
    : `${library} averages the biased variance, the policy the unbiased one: they differ by the factor n/(n − 1), ` +
      "n being the values of a channel in a batch.",
];

/** @param rectifier how the library writes it */
export const rectifierNote = (rectifier: string): string =>
  `Written for norms that a rectifier follows: for others, replace ${rectifier} by what follows them.`;

/** The export of a corrected recalibration: `measured` has each layer's mean and variance. */
export function settingMeasured(...code: string[]): CodeExport {
  return {
    code: lines(code),
    notes: [
      "measured: the mean and variance of each layer, as the PyTorch code computes them and as dmbench writes them " +
        "into a run.",
    ],
  };
}

function chooseNotes(policy: SelectPolicy, library: string): string[] {
  const fine = "which needs averages kept by hand as in the PyTorch code";
  if (policy.by === "drift") {
    return [
      `${library} has no setting for this. A momentum never changes the weights, so train twice with the same seed: ` +
        "once keeping every batch's statistics, from which each layer's β follows as in the PyTorch code; " +
        "then with these, in the order of the layers, as “chosen”.",
      ...(policy.parameters === "separate"
        ? [`This works for one β a layer; this policy has another for the variance, ${fine}.`]
        : []),
    ];
  }
  return [
    `${library} has no setting for this. A momentum never changes the weights, so training once more with the same ` +
      "seed and what each layer chose gives the same network with the chosen statistics: put the choices, in the " +
      "order of the layers, into “chosen”. A choice that is a schedule needs the code of that schedule for its " +
      "layer.",
    ...(policy.granularity === "channel" || policy.parameters === "separate" || policy.every !== null
      ? [`This works for one choice a layer after the run; this policy chooses more finely, ${fine}.`]
      : []),
  ];
}

/** For a library that can't choose by itself: sets each norm's momentum to the one chosen elsewhere. */
export function settingChosen(policy: SelectPolicy, library: string, ...code: string[]): CodeExport {
  return {
    code: lines(code),
    notes: [...chooseNotes(policy, library), ...varianceNotes(library, "biased", policy.variance)],
  };
}
