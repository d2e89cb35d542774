/**
 * Momentum policies as data: one JSON document says how a batch-norm layer
 * turns the statistics of its batches into those it uses at inference.
 * Three kinds: a schedule for β, a β chosen from the run, or statistics
 * measured after training. β (momentum) weighs the OLD value.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as z from "zod/mini";
import type { Expression } from "./expression";
import { canonicalExpression } from "./expression";
import { describeValue, PolicyError } from "./policy-error";

/** DMBN's candidates if a policy names none: a grid from the last batch alone to the whole run. */
export const defaultCandidates: readonly Expression[] = [
  "0",
  "0.5",
  "0.8",
  "0.9",
  "0.95",
  "0.98",
  "0.99",
  "0.995",
  "0.997",
  "0.999",
  "0.9995",
  "1 - 1 / step",
];

/** Length limit of a document: twice that of 64 candidates of 512 characters. */
export const maxDocumentCharacters = 65_536;

/** Reports `error` as the schema's issue at the field that it names. */
function refuse(error: PolicyError, { issues, value }: z.core.ParsePayload): never {
  const { field } = error.issue;
  const path = field === "" ? [] : [field];
  issues.push({ code: "custom", input: value, path, message: error.message, params: { error } });
  return z.NEVER;
}

/** An expression or a number, parsed to its canonical spelling. */
const expressionSchema = z.pipe(
  z.union([z.string(), z.number()]),
  z.transform((value, context): Expression => {
    try {
      return canonicalExpression(String(value));
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      return refuse(error, context);
    }
  }),
);

/**
 * What the running variance averages: each batch's `unbiased` variance
 * (PyTorch), its `biased` one (Keras 3, Flax, TensorFlow.js), or the `total`:
 * biased plus the part between batches, `v ← βv + (1−β)σ_B² + β(1−β)(μ_B − μ̂)²`.
 */
const varianceEstimators = ["unbiased", "biased", "total"] as const;
const varianceEstimatorSchema = z.enum(varianceEstimators);

const statisticSchema = z.pipe(
  z.number().check(z.minimum(-1e6), z.maximum(1e6)),
  z.transform((value: number) => value + 0), // −0 is 0
);
const initialSchema = z.strictObject({
  mean: statisticSchema,
  variance: z.pipe(statisticSchema, z.number().check(z.minimum(0))),
});

const scheduleSchema = z.pipe(
  z.strictObject({
    kind: z.literal("schedule"),
    /** β at each step. */
    momentum: expressionSchema,
    /** β of the variance; null: the same as the mean's. */
    varianceMomentum: z._default(z.nullable(expressionSchema), null),
    /** Running statistics before the first step; mean 0 and variance 1, or zeros if debiased. */
    initial: z.optional(initialSchema),
    /** Starts from zeros and divides by 1 − ∏β, as Sonnet and Caffe do. */
    debias: z._default(z.boolean(), false),
    variance: z._default(varianceEstimatorSchema, "unbiased"),
  }),
  z.transform((policy, context) => {
    const start = policy.debias ? { mean: 0, variance: 0 } : { mean: 0, variance: 1 };
    const initial = policy.initial ?? start;
    if (policy.debias && (initial.mean !== 0 || initial.variance !== 0)) {
      const error = new PolicyError({
        field: "initial",
        found: `mean ${initial.mean} and variance ${initial.variance}`,
        expected: "zeros, which debiasing starts from",
        remedy: "Leave initial out or set debias to false.",
      });
      return refuse(error, context);
    }
    return {
      ...policy,
      initial,
      varianceMomentum: policy.varianceMomentum === policy.momentum ? null : policy.varianceMomentum,
    };
  }),
);

const selectSchema = z.pipe(
  z.strictObject({
    kind: z.literal("select"),
    /** β schedules to choose from, 1 to 64, duplicates dropped; none if chosen by drift. */
    candidates: z.optional(
      z.pipe(
        z.array(z.unknown()).check(z.maxLength(64)), // before any of them is parsed
        z.array(expressionSchema),
      ),
    ),
    /**
     * `estimation-shift`: the candidate with the least shift on the calibration
     * split. `loss`, `accuracy`: that with the least loss or the most right
     * answers there, which reads the split's labels. `drift`: no candidates,
     * `β = 1 − ∛(4ρ²/s²)` by the drift ρ and the variance s² of a layer's batch
     * statistics at the end of the run.
     */
    by: z._default(z.enum(["estimation-shift", "loss", "accuracy", "drift"]), "estimation-shift"),
    /** One choice per layer, one per channel, or by labels one for the whole network. */
    granularity: z._default(z.enum(["layer", "channel", "network"]), "layer"),
    /** Whether a layer is measured while earlier layers use their choices, or their population statistics. */
    order: z._default(z.enum(["sequential", "independent"]), "sequential"),
    /** Whether mean and variance share a choice. */
    parameters: z._default(z.enum(["joint", "separate"]), "joint"),
    /** Epochs between choices; null: once, after the run. */
    every: z._default(z.nullable(z.int().check(z.minimum(1), z.maximum(1_000_000))), null),
    variance: z._default(varianceEstimatorSchema, "unbiased"),
    /** Several estimators, each tried with each β; left out: `variance` alone. */
    estimators: z.optional(z.nullable(z.array(varianceEstimatorSchema).check(z.minLength(1), z.maxLength(3)))),
  }),
  z.transform(({ estimators: named, ...policy }, context) => {
    const candidates = [...new Set(policy.candidates ?? (policy.by === "drift" ? [] : defaultCandidates))];
    const estimators = named && varianceEstimators.filter((each) => named.includes(each));
    const error = notSelectable({ ...policy, candidates, estimators: estimators ?? [] });
    if (error) return refuse(error, context);
    if (estimators?.length === 1) return { ...policy, candidates, variance: estimators[0]! };
    // Left out where there is one: documents from before there were several keep their hash.
    return { ...policy, candidates, ...(estimators ? { estimators } : {}) };
  }),
);

/** What a way of choosing can't have, by its name in `by`. */
const unsupported = {
  "estimation-shift": { granularity: ["network"] },
  loss: { granularity: ["channel"], order: ["independent"], parameters: ["separate"], every: "any" },
  accuracy: { granularity: ["channel"], order: ["independent"], parameters: ["separate"], every: "any" },
  drift: { granularity: ["channel", "network"], order: ["independent"], every: "any" },
} as const;

const waysOfChoosing = {
  "estimation-shift": "where the least estimation shift is chosen, which is each layer's own",
  loss: "where labels choose, once after the run",
  accuracy: "where labels choose, once after the run",
  drift: "where β is computed from drift, once for each layer",
} as const;

/** The error for a selection whose settings don't go together; null if they do. */
function notSelectable({
  by,
  candidates,
  estimators,
  variance,
  ...settings
}: {
  by: keyof typeof unsupported;
  candidates: readonly string[];
  estimators: readonly string[];
  variance: string;
  granularity: string;
  order: string;
  parameters: string;
  every: number | null;
}): PolicyError | null {
  const refused = (field: string, found: string, expected: string, remedy: string) =>
    new PolicyError({ field, found, expected, remedy });
  if (by !== "drift" && candidates.length === 0)
    return refused(
      "candidates",
      "a list of 0",
      "at least 1 candidate",
      "Name one, or leave candidates out for the default grid.",
    );
  const byShift = 'choose by "estimation-shift"';
  if (by === "drift" && candidates.length > 0)
    return refused(
      "candidates",
      `a list of ${candidates.length}`,
      "no candidates where β is computed from drift",
      `Leave candidates out, or ${byShift}.`,
    );
  if (estimators.length > 0 && variance !== "unbiased")
    return refused("variance", describeValue(variance), "no variance beside estimators", "Name it among estimators.");
  if (by === "drift" && estimators.length > 1)
    return refused(
      "estimators",
      `a list of ${estimators.length}`,
      "one estimator where β is computed from drift",
      `Name one as variance, or ${byShift}.`,
    );
  for (const [field, values] of Object.entries(unsupported[by]) as [keyof typeof settings, "any" | string[]][]) {
    const found = settings[field];
    if (found === null || (values !== "any" && !values.includes(String(found)))) continue;
    const other = by === "estimation-shift" ? 'choose by "loss" or "accuracy"' : byShift;
    return refused(
      field,
      describeValue(found),
      `nothing here ${waysOfChoosing[by]}`,
      `Leave ${field} out, or ${other}.`,
    );
  }
  return null;
}

/**
 * Batches in training mode: each normalizes by its own statistics, as in PyTorch's `update_bn` and fvcore's PreciseBN.
 */
const batchesSchema = z.strictObject({
  /** Examples in a batch. */
  size: z.int().check(z.minimum(2), z.maximum(65_536)),
  /** How many batches; null: as many whole ones as the calibration split has, or one of all if it has fewer examples. */
  count: z._default(z.nullable(z.int().check(z.minimum(1), z.maximum(1_000_000))), null),
  /** The mean of the batches' unbiased variances, or the biased variance of all values together (`pooled`). */
  variance: z._default(z.enum(["mean", "pooled"]), "mean"),
});

/** One to eight different numbers up to 10. */
const factorsSchema = (least: z.core.$ZodCheck<number>) =>
  z.pipe(
    z.array(z.number().check(least, z.maximum(10))).check(z.minLength(1), z.maxLength(8)),
    z.transform((values: number[]) => [...new Set(values)]),
  );

const correctionSchema = z.discriminatedUnion("by", [
  z.strictObject({
    by: z.literal("constants"),
    /** The mean moves by this many standard deviations. */
    shift: z._default(z.number().check(z.minimum(-10), z.maximum(10)), 0),
    /** The standard deviation is multiplied by it; above 0. */
    scale: z._default(z.number().check(z.positive(), z.maximum(10)), 1),
  }),
  /** Ours: what a layer gives shall have the mean that it had, though batches in training divide by less. */
  z.strictObject({ by: z.literal("small-batch") }),
  /**
   * Layer after layer the shift and scale with the least loss on the calibration split, while later layers are measured
   * behind it. Reads the split's labels.
   */
  z.strictObject({
    by: z.literal("loss"),
    shifts: z._default(factorsSchema(z.minimum(-10)), [-0.2, 0, 0.2, 0.4]),
    scales: z._default(factorsSchema(z.positive()), [0.7, 0.85, 1, 1.15, 1.3, 1.5]),
  }),
]);

const recalibrateSchema = z.pipe(
  z.strictObject({
    kind: z.literal("recalibrate"),
    /** Calibration examples to measure on; null: the whole split. */
    samples: z._default(z.nullable(z.int().check(z.minimum(1), z.maximum(10_000_000))), null),
    /** Left out: in inference mode, layer after layer (sequential recalibration). */
    batches: z.optional(z.nullable(batchesSchema)),
    /** What is done with the measured statistics; left out: nothing. */
    correction: z.optional(z.nullable(correctionSchema)),
  }),
  z.transform(({ batches, correction, ...policy }, context) => {
    if (batches && (policy.samples !== null || correction)) return refuse(notInBatches(policy.samples), context);
    // Left out where they are null: documents from before there were batches and corrections keep their hash.
    return { ...policy, ...(batches ? { batches } : {}), ...(correction ? { correction } : {}) };
  }),
);

/** The error for a setting that is only there in inference mode. */
const notInBatches = (samples: number | null) =>
  new PolicyError({
    field: samples === null ? "correction" : "samples",
    found: samples === null ? "a correction" : describeValue(samples),
    expected: "nothing here where statistics are measured in batches",
    remedy: samples === null ? "Leave correction out, or batches." : "Say how many by batches.count.",
  });

/**
 * Any policy document. The output is complete (defaults filled in) and canonical
 * (spelling normalized).
 */
export const policySchema = z.discriminatedUnion("kind", [scheduleSchema, selectSchema, recalibrateSchema]);

export type MomentumPolicy = z.output<typeof policySchema>;
export type PolicyDocument = z.input<typeof policySchema>;
export type SchedulePolicy = Extract<MomentumPolicy, { kind: "schedule" }>;
export type SelectPolicy = Extract<MomentumPolicy, { kind: "select" }>;
export type RecalibratePolicy = Extract<MomentumPolicy, { kind: "recalibrate" }>;
/** A selection that chooses during training. */
export type PeriodicPolicy = SelectPolicy & { every: number };
export type VarianceEstimator = z.infer<typeof varianceEstimatorSchema>;

/**
 * Reads a policy from any JSON value.
 * @throws PolicyError naming the first wrong field
 */
export function parsePolicy(document: unknown): MomentumPolicy {
  const result = policySchema.safeParse(document);
  if (result.success) return result.data;
  throw policyErrorOf(result.error.issues[0]!, document);
}

/**
 * Reads a policy from JSON text of at most `maxDocumentCharacters`.
 * @throws PolicyError if the text is too long, not JSON or not a policy
 */
export function parsePolicyText(text: string): MomentumPolicy {
  if (text.length > maxDocumentCharacters) {
    throw new PolicyError({
      found: `${text.length} characters`,
      expected: `a document of at most ${maxDocumentCharacters}`,
      remedy: "Shorten the expressions or name fewer candidates.",
    });
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new PolicyError({
      found: describeValue(text),
      expected: "a JSON document",
      remedy: 'Write for example {"kind": "schedule", "momentum": "0.9"}.',
    });
  }
  return parsePolicy(document);
}

/** A policy with β from an expression. @throws PolicyError */
export function schedule(
  momentum: Expression | number,
  options: Omit<z.input<typeof scheduleSchema>, "kind" | "momentum"> = {},
): SchedulePolicy {
  return parsePolicy({ ...options, kind: "schedule", momentum }) as SchedulePolicy;
}

/** A policy that chooses β from the run; without options, DMBN. @throws PolicyError */
export function select(options: Omit<z.input<typeof selectSchema>, "kind"> = {}): SelectPolicy {
  return parsePolicy({ ...options, kind: "select" }) as SelectPolicy;
}

/** A policy that measures the statistics after training; without options, sequential recalibration. @throws PolicyError */
export function recalibrate(options: Omit<z.input<typeof recalibrateSchema>, "kind"> = {}): RecalibratePolicy {
  return parsePolicy({ ...options, kind: "recalibrate" }) as RecalibratePolicy;
}

/** How a recalibration measures, and what it corrects: "sequential, on 1,000 examples; corrected for small batches". */
export function describeRecalibration({ samples, batches, correction }: RecalibratePolicy): string {
  const count = (value: number) => value.toLocaleString("en");
  const measured = batches
    ? `in training mode, on ${batches.count === null ? "" : `${count(batches.count)} `}batches of ` +
      `${count(batches.size)}${batches.variance === "pooled" ? ", with their variance together" : ""}`
    : `layer after layer, on ${samples === null ? "the calibration split" : `${count(samples)} examples`}`;
  if (!correction) return measured;
  if (correction.by === "small-batch") return `${measured}; corrected for small batches`;
  if (correction.by === "loss") {
    const tried = correction.shifts.length * correction.scales.length;
    return `${measured}; corrected by the least loss of ${tried} shifts and scales, which reads labels`;
  }
  const { shift, scale } = correction;
  const changes = [
    ...(shift === 0 ? [] : [`μ ${shift < 0 ? "−" : "+"} ${Math.abs(shift)}σ`]),
    ...(scale === 1 ? [] : [`σ × ${scale}`]),
  ];
  return changes.length === 0 ? measured : `${measured}; ${changes.join(", ")}`;
}

/**
 * The canonical text of a policy: JSON without spaces, keys in alphabetical
 * order, every default written out, expressions in their canonical spelling,
 * duplicate candidates dropped. Documents that differ only in spelling give the
 * same text; different rules that compute the same values don't.
 * @throws PolicyError if the document is not a policy
 */
export function canonicalPolicy(document: unknown): string {
  const byKey = (_: string, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(parsePolicy(document), byKey);
}

/**
 * SHA-256 of the canonical text in UTF-8, 64 lower-case hexadecimal digits: the policy's identity. @throws PolicyError
 */
export function policyHash(document: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalPolicy(document))));
}

const kinds = `"schedule", "select" or "recalibrate"`;

/** Converts the schema's first issue to an error of the policy language. */
function policyErrorOf(issue: z.core.$ZodIssue, document: unknown): PolicyError {
  const field = issue.path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    "",
  );
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key],
    document,
  );
  const found = describeValue(value);
  switch (issue.code) {
    case "custom":
      if (issue.params?.error instanceof PolicyError) return issue.params.error.at(field);
      break;
    case "unrecognized_keys":
      return new PolicyError({
        field,
        found: describeValue(issue.keys[0]),
        expected: "only the fields of this kind of policy",
        remedy: "Remove that field.",
      });
    case "invalid_value":
      return new PolicyError({
        field,
        found,
        expected: issue.values.map((option) => describeValue(option)).join(", "),
        remedy: "Write one of these.",
      });
    case "invalid_union":
      if (field === "kind")
        return new PolicyError({ field, found, expected: kinds, remedy: "Name the kind of policy." });
      return new PolicyError({
        field,
        found,
        expected: "an expression",
        remedy: 'Write a text such as "1 - 1 / step", or a number.',
      });
    case "invalid_type":
      if (field === "")
        return new PolicyError({
          found,
          expected: "a policy document",
          remedy: 'Write for example {"kind": "schedule", "momentum": "0.9"}.',
        });
      return new PolicyError({
        field,
        found,
        expected: `a value of type ${issue.expected}`,
        remedy: "Correct its type.",
      });
    case "too_small":
    case "too_big": {
      const unit = issue.origin === "array" ? " entries" : "";
      const expected =
        issue.code === "too_small" ? `at least ${issue.minimum}${unit}` : `at most ${issue.maximum}${unit}`;
      return new PolicyError({ field, found, expected, remedy: "Stay within the limit." });
    }
  }
  return new PolicyError({ field, found, expected: issue.message, remedy: "Correct this field." });
}
