/**
 * Random expressions for fast-check: the text of a tree with redundant
 * parentheses and spaces, and its value by a separate evaluator.
 */
import fc from "fast-check";
import { cos, exp, log, pow, sin, tanh } from "@/lib/dmbn/elementary";
import type { Scope } from "@/lib/dmbn/policy";

export interface RandomExpression {
  text: string;
  evaluate: (scope: Scope) => number;
}

const names = ["step", "steps", "epoch", "epochs", "layer", "layers", "channels", "batchSize", "learningRate"] as const;
const bit = (truth: boolean) => (truth ? 1 : 0);
const binary: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": (a, b) => pow(a, b),
  "==": (a, b) => bit(a === b),
  "!=": (a, b) => bit(a !== b),
  "<": (a, b) => bit(a < b),
  "<=": (a, b) => bit(a <= b),
  ">": (a, b) => bit(a > b),
  ">=": (a, b) => bit(a >= b),
  "&&": (a, b) => bit(a !== 0 && b !== 0),
  "||": (a, b) => bit(a !== 0 || b !== 0),
};
const unaryFunctions: Record<string, (x: number) => number> = {
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  round: (x) => Math.floor(x + 0.5),
  sqrt: Math.sqrt,
  exp,
  log,
  sin,
  cos,
  tanh,
};
const binaryFunctions: Record<string, (a: number, b: number) => number> = {
  min: Math.min,
  max: Math.max,
  pow,
};
const orderings = ["<", "<=", ">", ">="];

const entryOf = <T>(record: Record<string, T>) => fc.constantFrom(...Object.entries(record));
const space = fc.constantFrom("", " ", "  ", "\n");

interface Part extends RandomExpression {
  ordering?: boolean | undefined;
}

/** Trees of at most six levels. */
export const randomExpression: fc.Arbitrary<RandomExpression> = fc.letrec<{ node: Part; leaf: Part }>((tie) => ({
  leaf: fc.oneof(
    fc
      .constantFrom("0", "1", "2", "3", ".5", "0.90", "9e-1", "10.", "1E1")
      .map((text) => ({ text, evaluate: () => Number(text) })),
    fc.constantFrom(...names).map((name) => ({ text: name, evaluate: (scope: Scope) => scope[name] })),
    fc.constantFrom({ text: "pi", evaluate: () => Math.PI }, { text: "e", evaluate: () => Math.E }),
  ),
  node: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    tie("leaf"),
    fc.tuple(entryOf(binary), tie("node"), tie("node"), space).map(([[operator, apply], left, right, gap]) => {
      // an ordering can't be compared with another ordering: test the left side for 0 instead
      const first =
        orderings.includes(operator) && left.ordering
          ? { text: `(${left.text}) == 0`, evaluate: (scope: Scope) => bit(left.evaluate(scope) === 0) }
          : left;
      return {
        text: `(${first.text})${gap}${operator}${gap}(${right.text})`,
        evaluate: (scope: Scope) => apply(first.evaluate(scope), right.evaluate(scope)),
        ordering: orderings.includes(operator),
      };
    }),
    fc.tuple(fc.constantFrom("-", "!", "+"), tie("node")).map(([operator, argument]) => ({
      text: `${operator}(${argument.text})`,
      evaluate: (scope: Scope) =>
        operator === "!"
          ? bit(argument.evaluate(scope) === 0)
          : operator === "-"
            ? -argument.evaluate(scope)
            : argument.evaluate(scope),
      ordering: operator === "+" && argument.ordering,
    })),
    fc.tuple(tie("node"), tie("node"), tie("node")).map(([test, yes, no]) => ({
      text: `(${test.text})?(${yes.text}):(${no.text})`,
      evaluate: (scope: Scope) => (test.evaluate(scope) !== 0 ? yes.evaluate(scope) : no.evaluate(scope)),
    })),
    fc.tuple(entryOf(unaryFunctions), tie("node")).map(([[name, apply], x]) => ({
      text: `${name}( ${x.text} )`,
      evaluate: (scope: Scope) => apply(x.evaluate(scope)),
    })),
    fc.tuple(entryOf(binaryFunctions), tie("node"), tie("node")).map(([[name, apply], a, b]) => ({
      text: `${name}(${a.text},${b.text})`,
      evaluate: (scope: Scope) => apply(a.evaluate(scope), b.evaluate(scope)),
    })),
  ),
})).node;

export const randomScope: fc.Arbitrary<Scope> = fc.record({
  step: fc.integer({ min: 1, max: 100 }),
  steps: fc.integer({ min: 100, max: 200 }),
  epoch: fc.integer({ min: 0, max: 9 }),
  epochs: fc.integer({ min: 10, max: 20 }),
  layer: fc.integer({ min: 0, max: 5 }),
  layers: fc.integer({ min: 6, max: 9 }),
  channels: fc.constantFrom(1, 16, 96),
  batchSize: fc.constantFrom(1, 4, 64),
  learningRate: fc.constantFrom(0.02, 0.1),
});
