import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalExpression,
  canonicalPolicy,
  compile,
  expressionToMath,
  PolicyError,
  parsePolicy,
  parsePolicyText,
  policyHash,
} from "@/lib/dmbn/policy";
import { randomExpression, randomScope } from "./random-expression";

// 123,000 runs in all. The seed is fixed, so failures are reproducible; the time limit is that of the test.
const seed = 20260101;

/** The result of `read`, or null if it threw the language's own error; any other error fails the test. */
function orRefusal<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (error.message.length > 600 || !error.issue.expected || !error.issue.found || !error.issue.remedy)
      throw new Error(`a poor message: ${error.message}`);
    return null;
  }
}

/** An assertion that is cheap enough for a hundred thousand runs. */
function must(truth: boolean, message: string): void {
  if (!truth) throw new Error(message);
}

const fragments = [
  ..."0123456789.,;:?!~+-*/%^=<>&|()[]{}'\"`\\$_@# \n\t",
  ..."−×÷≤≥β⌊²π ０а😀\u0000\ud800",
  "e",
  "pi",
  "1e",
  "1e999",
  "0x",
  "0.9",
  "step",
  "steps",
  "epoch",
  "layer",
  "channels",
  "batchSize",
  "learningRate",
  "min",
  "max",
  "clamp(",
  "floor(",
  "pow(",
  "tanh(",
  "&&",
  "||",
  "==",
  "===",
  "!=",
  "<=",
  ">=",
  "**",
  "??",
  "?.",
  "=>",
  "...",
  "this",
  "true",
  "null",
  "new ",
  "function",
  "constructor",
  "__proto__",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "Math.",
  "eval(",
  "import(",
  "(((((((",
  ")))))))",
  "--------",
];
const names = [
  "kind",
  "momentum",
  "varianceMomentum",
  "initial",
  "debias",
  "variance",
  "candidates",
  "every",
  "samples",
  "mean",
  "__proto__",
  "constructor",
  "toString",
  "then",
];
const sample = fc.constantFrom<unknown>(
  "schedule",
  "select",
  "recalibrate",
  "0.9",
  "1 - 1/step",
  "step >",
  "unbiased",
  "total",
  "estimation-shift",
  "channel",
  0,
  -0,
  0.9,
  1e308,
  -1,
  Number.NaN,
  Infinity,
  null,
  true,
  "__proto__",
);
const document = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    sample,
    fc.array(tie("value"), { maxLength: 3 }),
    // by way of JSON, so that __proto__ is a field like any other
    fc
      .array(fc.tuple(fc.constantFrom(...names), tie("value")), { maxLength: 5 })
      .map(
        (fields) =>
          JSON.parse(
            `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value) ?? "null"}`).join()}}`,
          ) as unknown,
      ),
  ),
})).value;
const mostly = <T>(valid: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: valid as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: sample });
const expression = mostly(fc.constantFrom("0.9", " .9", "1-1/step", 0.5, "min(.9, (step))"));
const fields = <T extends Record<string, fc.Arbitrary<unknown>>>(kind: string, model: T) =>
  fc.record({ kind: fc.constant(kind), ...model }, { requiredKeys: ["kind"] });
const policyLike = fc.oneof(
  fields("schedule", {
    momentum: expression,
    varianceMomentum: expression,
    debias: mostly(fc.boolean()),
    initial: mostly(fc.constant({ mean: 0, variance: 0 })),
  }),
  fields("select", {
    candidates: mostly(fc.array(expression, { minLength: 1, maxLength: 4 })),
    granularity: mostly(fc.constant("channel")),
    every: mostly(fc.constant(2)),
  }),
  fields("recalibrate", { samples: mostly(fc.constant(100)) }),
);

describe("the language parses any input or says what is wrong", () => {
  it.each<[string, fc.Arbitrary<string>, number]>([
    ["random text", fc.string({ unit: "binary", maxLength: 40 }), 15_000],
    [
      "random pieces of expressions",
      fc.array(fc.constantFrom(...fragments), { maxLength: 24 }).map((parts) => parts.join("")),
      65_000,
    ],
    [
      "long random pieces",
      fc.array(fc.constantFrom(...fragments), { minLength: 100, maxLength: 300 }).map((parts) => parts.join("")),
      2_000,
    ],
  ])("%s", (_, text, numRuns) => {
    let parsed = 0;
    fc.assert(
      fc.property(text, (expression) => {
        const canonical = orRefusal(() => canonicalExpression(expression));
        if (canonical === null) return;
        parsed++;
        must(canonicalExpression(canonical) === canonical, `${canonical} is not canonical`);
      }),
      { seed, numRuns },
    );
    if (numRuns === 65_000) expect(parsed).toBeGreaterThan(100);
  });

  it("random documents", () => {
    let parsed = 0;
    fc.assert(
      fc.property(fc.oneof(document, policyLike), (value) => {
        const policy = orRefusal(() => parsePolicy(value));
        if (policy === null) return;
        parsed++;
        const canonical = canonicalPolicy(value);
        must(
          canonicalPolicy(policy) === canonical && policyHash(policy) === policyHash(JSON.parse(canonical)),
          `${canonical} is not canonical`,
        );
      }),
      { seed, numRuns: 15_000 },
    );
    expect(parsed).toBeGreaterThan(500);
    expect(({} as Record<string, unknown>).debias).toBeUndefined(); // Object.prototype is not polluted
  });

  it("random JSON text, also truncated", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, cut) => {
        orRefusal(() => parsePolicyText(text));
        orRefusal(() => parsePolicyText(text.slice(0, cut % (text.length + 1))));
      }),
      { seed, numRuns: 5_000 },
    );
  });
});

describe("a random tree", () => {
  it("has the same value as in a second evaluator, and so has its canonical spelling", () => {
    let [parsed, shorter] = [0, 0];
    fc.assert(
      fc.property(randomExpression, randomScope, ({ text, evaluate }, scope) => {
        const canonical = orRefusal(() => canonicalExpression(text));
        if (canonical === null) return; // larger than the limits
        parsed++;
        if (canonical.length < text.length) shorter++;
        const expected = evaluate(scope);
        must(canonicalExpression(canonical) === canonical, `${canonical} is not canonical`);
        must(Object.is(compile(text)(scope), expected), `${text} is not ${expected}`);
        must(Object.is(compile(canonical)(scope), expected), `${canonical} is not ${expected}`);
      }),
      { seed, numRuns: 20_000 },
    );
    expect(parsed).toBeGreaterThan(15_000);
    expect(shorter).toBeGreaterThan(10_000);
  });

  it("gives balanced MathML without stray markup", () => {
    fc.assert(
      fc.property(randomExpression, ({ text }) => {
        const math = orRefusal(() => expressionToMath(text));
        if (math === null) return;
        const open: string[] = [];
        for (const [, close, name] of math.matchAll(/<(\/?)([a-z]+)[^<>]*>/g)) {
          if (!close) open.push(name!);
          else if (open.pop() !== name) open.push("never closed");
        }
        expect(open).toEqual([]);
        expect(math.replace(/<\/?[a-z]+(?: [a-z]+="[^"<>]*")*>/g, "")).not.toMatch(/[<>"']/);
      }),
      { seed, numRuns: 1_000 },
    );
  });
});
