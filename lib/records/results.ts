/**
 * The results of a benchmark's runs in one file: what every policy scored on each, without the runs themselves. A
 * safetensors file whose metadata describes the runs; for each variant, with runs and policies in the order of the
 * header:
 *
 * - `<variant>/confusion` `[runs, policies, classes, classes]`, rows true classes
 * - `<variant>/correct` `[runs, policies, ⌈examples / 8⌉]`, the bits of `rightAnswers`
 * - `<variant>/predictions` `[runs, policies, 32]`, SHA-256 of the predicted class ids, one byte for each example
 * - `<variant>/shift` `[runs, policies, layers, 4]`: mean, std, relativeMean, relativeStd of each layer's estimation shift
 * - `<variant>/choice` `[runs, policies]`, indices into the header's `choices`
 * - `<variant>/probabilities` `[runs, policies, 2]`: `nll` and `ece`, NaN where they are null; not in files of before
 *   version 0.2
 */
import { z } from "zod";
import type { Issue } from "./issue";
import { issuesOf } from "./issue";
import { JsonError, parseJson } from "./json";
import { recipeSchema, seedSchema, variantSchema } from "./recipe";
import type { ScoreRecord } from "./run-record";
import { hexSchema, manifestSchema, scoreSchema } from "./run-record";
import type { NamedTensor, TensorValues } from "./safetensors";
import { decodeSafetensors, encodeSafetensors } from "./safetensors";
import { textSchema } from "./text";

const RESULTS_FORMAT = "dmbench-results-1";

const choiceSchema = scoreSchema.pick({ momentumPerLayer: true, edgeOfGrid: true });
const count = z.int().min(1);

const headerSchema = z.object({
  format: z.literal(RESULTS_FORMAT),
  benchmark: z.object({ slug: textSchema({ max: 64 }), version: count }),
  recipe: recipeSchema,
  dataset: manifestSchema.shape.dataset,
  /** Versions of the software and of its scorer, and the backend. */
  software: z.object({
    dmbench: textSchema({ max: 32 }),
    scorer: textSchema({ max: 32 }),
    backend: textSchema({ max: 32 }),
  }),
  /** Of the runs, in their order. */
  seeds: z.array(seedSchema).min(1).max(1000),
  policies: z
    .array(z.object({ slug: textSchema({ max: 64 }), hash: hexSchema }))
    .min(1)
    .max(1000),
  classes: count.max(256),
  /** Test examples. */
  examples: count.max(1e7),
  variants: z
    .array(z.object({ variant: variantSchema, layers: z.array(textSchema({ max: 64 })).max(256) }))
    .min(1)
    .max(2),
  choices: z.array(choiceSchema).min(1).max(1e5),
});

type Header = z.infer<typeof headerSchema>;

/** What one policy scored on one run. */
export interface Result
  extends Pick<ScoreRecord, "confusionMatrix" | "esm" | "momentumPerLayer" | "edgeOfGrid" | "nll" | "ece"> {
  /** `rightAnswers` of the predictions. */
  correct: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the predicted class ids, one byte for each example: 32 bytes. */
  predictionsHash: Uint8Array<ArrayBuffer>;
}

export interface Results extends Omit<Header, "format" | "choices"> {
  /** `[variant][run][policy]` */
  results: Result[][][];
}

/** A file that doesn't hold results, or contradicts itself; the message names where. */
class ResultsError extends Error {
  override name = "ResultsError";
}

/** The name of a benchmark's file of results, compressed, in the folder of all of them. */
export const resultsFile = ({ slug, version }: Results["benchmark"]): string => `${slug}-v${version}.safetensors.gz`;

const shifts = ["mean", "std", "relativeMean", "relativeStd"] as const;

/** The file's bytes, not compressed. The same results always give the same bytes. */
export function encodeResults({ results, ...facts }: Results): Uint8Array<ArrayBuffer> {
  const { seeds, policies, classes, examples, variants } = facts;
  const choices = new Map<string, number>();
  const each = [seeds.length, policies.length];
  const tensors = variants.flatMap(({ variant, layers }, index): NamedTensor[] => {
    const all = results[index]!.flat();
    const choice = all.map(({ momentumPerLayer, edgeOfGrid }) => {
      const key = JSON.stringify({ momentumPerLayer, edgeOfGrid });
      if (!choices.has(key)) choices.set(key, choices.size);
      return choices.get(key)!;
    });
    const shift = all.flatMap(({ esm }) => esm.flatMap((layer) => shifts.map((name) => layer[name])));
    return [
      named("shift", [...each, layers.length, shifts.length], Float64Array.from(shift)),
      named(
        "confusion",
        [...each, classes, classes],
        Int32Array.from(all.flatMap((one) => one.confusionMatrix.flat())),
      ),
      named("choice", each, Int32Array.from(choice)),
      named("probabilities", [...each, 2], Float64Array.from(all.flatMap(({ nll, ece }) => [nll ?? NaN, ece ?? NaN]))),
      named("correct", [...each, bytesOf(examples)], joined(all.map(({ correct }) => correct))),
      named("predictions", [...each, 32], joined(all.map(({ predictionsHash }) => predictionsHash))),
    ];

    function named(name: string, shape: number[], values: TensorValues): NamedTensor {
      return { name: `${variant}/${name}`, shape, values };
    }
  });
  // The widest type first, so that a reader finds every tensor aligned.
  const width = ({ values }: NamedTensor) => values.BYTES_PER_ELEMENT;
  const header: Header = headerSchema.parse({
    format: RESULTS_FORMAT,
    ...facts,
    choices: [...choices.keys()].map((key) => JSON.parse(key) as unknown),
  });
  return encodeSafetensors(
    tensors.toSorted((a, b) => width(b) - width(a)),
    { results: JSON.stringify(header) },
  );
}

/**
 * Reads a file of results.
 * @throws ResultsError or SafetensorsError, which names what is wrong
 */
export function decodeResults(file: Uint8Array): Results {
  const { tensors, metadata } = decodeSafetensors(file, { headerBytes: 2 ** 24 });
  const json = jsonOf(metadata.results ?? "null");
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) {
    const [{ field, expected, found }] = issuesOf(parsed.error, json) as [Issue];
    throw new ResultsError(`not results: ${field || "header"}: expected ${expected}, found ${found}`);
  }
  const { format: _, choices, ...facts } = parsed.data;
  const { seeds, policies, classes, examples, variants } = facts;
  const bytes = bytesOf(examples);
  const results = variants.map(({ variant, layers }) => {
    const length = seeds.length * policies.length;
    const values = <Values extends TensorValues>(
      name: string,
      type: { new (length: number): Values; name: string },
      perResult: number,
    ): Values => {
      const found = tensors.find((tensor) => tensor.name === `${variant}/${name}`)?.values;
      if (!(found instanceof type) || found.length !== length * perResult)
        throw new ResultsError(
          `${variant}/${name}: expected ${length * perResult} values as ${type.name}, ` +
            `found ${found ? `${found.length} as ${found.constructor.name}` : "none"}`,
        );
      return found;
    };
    const confusion = values("confusion", Int32Array, classes * classes);
    const correct = values("correct", Uint8Array, bytes);
    const predictions = values("predictions", Uint8Array, 32);
    const shift = values("shift", Float64Array, layers.length * shifts.length);
    const choice = values("choice", Int32Array, 1);
    const hasProbabilities = tensors.some(({ name }) => name === `${variant}/probabilities`);
    const probabilities = hasProbabilities ? values("probabilities", Float64Array, 2) : null;
    return seeds.map((seed, run) =>
      policies.map(({ slug }, policy): Result => {
        const at = run * policies.length + policy;
        const where = `${variant}/${slug}, seed ${seed}`;
        const chosen = choices[choice[at]!];
        if (!chosen) throw new ResultsError(`${where}: expected one of ${choices.length} choices, found ${choice[at]}`);
        const matrix = Array.from({ length: classes }, (_, row) =>
          Array.from(confusion.subarray((at * classes + row) * classes, (at * classes + row + 1) * classes)),
        );
        const right = correct.slice(at * bytes, (at + 1) * bytes);
        check(where, matrix, right, examples);
        const [nll, ece] = [0, 1].map((which) => orNull(probabilities?.[2 * at + which] ?? NaN)) as [
          Nullable,
          Nullable,
        ];
        if ((nll ?? 0) < 0 || (ece ?? 0) < 0 || (ece ?? 0) > 1)
          throw new ResultsError(`${where}: expected an NLL from 0 on and an ECE from 0 to 1, found ${nll} and ${ece}`);
        return {
          nll,
          ece,
          confusionMatrix: matrix,
          correct: right,
          predictionsHash: predictions.slice(at * 32, (at + 1) * 32),
          ...chosen,
          esm: layers.map((layer, index) => {
            const [mean, std, relativeMean, relativeStd] = shift.subarray(
              (at * layers.length + index) * shifts.length,
            ) as unknown as [number, number, number, number];
            if (![mean, std, relativeMean, relativeStd].every((value) => value >= 0 && Number.isFinite(value)))
              throw new ResultsError(`${where}: expected a finite shift of ${layer}, found ${mean}, ${std}`);
            return { layer, mean, std, relativeMean, relativeStd };
          }),
        };
      }),
    );
  });
  return { ...facts, results };
}

/** Sees that confusion matrix and right answers tell the same. */
function check(where: string, matrix: readonly (readonly number[])[], right: Uint8Array, examples: number): void {
  if (matrix.flat().some((entry) => entry < 0)) throw new ResultsError(`${where}: expected counts from 0 on`);
  const total = matrix.flat().reduce((sum, entry) => sum + entry, 0);
  if (total !== examples) throw new ResultsError(`${where}: expected ${examples} predictions, found ${total}`);
  const onDiagonal = matrix.reduce((sum, row, index) => sum + row[index]!, 0);
  let ones = 0;
  for (let byte of right) for (; byte; byte &= byte - 1) ones++;
  if (ones !== onDiagonal)
    throw new ResultsError(`${where}: expected ${onDiagonal} right answers, as in the confusion matrix, found ${ones}`);
  const unused = 8 * right.length - examples;
  if (right.at(-1)! & ((1 << unused) - 1)) throw new ResultsError(`${where}: expected zeros after the last example`);
}

type Nullable = number | null;
const orNull = (value: number): Nullable => (Number.isNaN(value) ? null : value);

const bytesOf = (examples: number): number => Math.ceil(examples / 8);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}
