/**
 * The names that a momentum expression may use: variables, constants and
 * functions, each with the text that completion and the documentation show.
 */

import { cos, exp, log, pow, sin, tanh } from "../elementary";

/** What an expression may read at one step of one batch-norm layer. */
export interface Scope {
  step: number;
  steps: number;
  epoch: number;
  epochs: number;
  layer: number;
  layers: number;
  channels: number;
  batchSize: number;
  learningRate: number;
}

export type VariableName = keyof Scope;

interface Variable {
  meaning: string;
  read: (scope: Scope) => number;
}

export const variables: ReadonlyMap<string, Variable & { name: VariableName }> = new Map(
  Object.entries({
    step: { meaning: "steps taken, from 1 at the first batch", read: (s) => s.step },
    steps: { meaning: "steps of the whole run", read: (s) => s.steps },
    epoch: { meaning: "passes over the training split already finished, from 0", read: (s) => s.epoch },
    epochs: { meaning: "epochs of the whole run", read: (s) => s.epochs },
    layer: { meaning: "index of the batch-norm layer in forward order, from 0", read: (s) => s.layer },
    layers: { meaning: "number of batch-norm layers", read: (s) => s.layers },
    channels: { meaning: "channels of the layer", read: (s) => s.channels },
    batchSize: { meaning: "examples in a batch", read: (s) => s.batchSize },
    learningRate: { meaning: "base learning rate of the recipe, before its schedule", read: (s) => s.learningRate },
  } satisfies Record<VariableName, Variable>).map(([name, variable]) => [
    name,
    { name: name as VariableName, ...variable },
  ]),
);

export const constants: ReadonlyMap<string, { meaning: string; value: number }> = new Map([
  ["pi", { meaning: "3.14159…", value: Math.PI }],
  ["e", { meaning: "2.71828…", value: Math.E }],
]);

interface LanguageFunction {
  signature: string;
  meaning: string;
  /** Fewest and most arguments. */
  arity: readonly [number, number];
  apply: (...values: number[]) => number;
}

const unary = (name: string, meaning: string, apply: (x: number) => number): [string, LanguageFunction] => [
  name,
  { signature: `${name}(x)`, meaning, arity: [1, 1], apply: apply as LanguageFunction["apply"] },
];

export const functions: ReadonlyMap<string, LanguageFunction> = new Map<string, LanguageFunction>([
  ["min", { signature: "min(a, b, …)", meaning: "the least", arity: [2, Infinity], apply: Math.min }],
  ["max", { signature: "max(a, b, …)", meaning: "the greatest", arity: [2, Infinity], apply: Math.max }],
  [
    "clamp",
    {
      signature: "clamp(x, low, high)",
      meaning: "x kept within low and high: min(max(x, low), high)",
      arity: [3, 3],
      apply: ((x: number, low: number, high: number) => Math.min(Math.max(x, low), high)) as LanguageFunction["apply"],
    },
  ],
  unary("abs", "the absolute value", Math.abs),
  unary("floor", "rounded down", Math.floor),
  unary("ceil", "rounded up", Math.ceil),
  unary("round", "rounded to the nearest integer, halves up: floor(x + 0.5)", (x) => Math.floor(x + 0.5)),
  unary("sqrt", "the square root", Math.sqrt),
  unary("exp", "e to the x", exp),
  unary("log", "the natural logarithm", log),
  [
    "pow",
    {
      signature: "pow(x, y)",
      meaning: "x to the y, as x^y",
      arity: [2, 2],
      apply: pow as LanguageFunction["apply"],
    },
  ],
  unary("sin", "the sine of x radians", sin),
  unary("cos", "the cosine of x radians", cos),
  unary("tanh", "the hyperbolic tangent", tanh),
]);

/** All names for completion: the text to insert, the signature to show, the meaning. */
export const vocabulary: readonly {
  name: string;
  kind: "variable" | "constant" | "function";
  signature: string;
  meaning: string;
}[] = [
  ...[...variables].map(([name, { meaning }]) => ({ name, kind: "variable" as const, signature: name, meaning })),
  ...[...constants].map(([name, { meaning }]) => ({ name, kind: "constant" as const, signature: name, meaning })),
  ...[...functions].map(([name, { signature, meaning }]) => ({ name, kind: "function" as const, signature, meaning })),
];
