import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as elementary from "@/lib/dmbn/elementary";
import type { Scope } from "@/lib/dmbn/policy";
import { builtInPolicies, compile } from "@/lib/dmbn/policy";
import type { Dialect } from "@/lib/dmbn/policy/export/translate";
import { translate } from "@/lib/dmbn/policy/export/translate";
import { parseExpression } from "@/lib/dmbn/policy/syntax";
import { findPython, runPython } from "../../../support/python";
import { randomExpression, randomScope } from "../random-expression";

const plainNames: Dialect["names"] = {
  step: "step",
  steps: "steps",
  epoch: "epoch",
  epochs: "epochs",
  layer: "layer",
  layers: "layers",
  channels: "channels",
  batchSize: "batchSize",
  learningRate: "learningRate",
};
/** The engine's Math with the functions of the language, since its own may differ in the last bit. */
const sameMath = {
  ...Object.fromEntries(Object.getOwnPropertyNames(Math).map((name) => [name, Math[name as "PI"]])),
  ...elementary,
};
const python = findPython("json");
/** Expressions and scopes: every built-in rule, and random trees whose values stay finite. */
function cases(): { expression: string; scope: Scope; expected: number }[] {
  const scopes = fc.sample(randomScope, { seed: 1, numRuns: 4 });
  const published = builtInPolicies.flatMap(({ document }) =>
    document.kind === "schedule" ? [document.momentum] : document.kind === "select" ? document.candidates : [],
  );
  const random = fc
    .sample(randomExpression, { seed: 2, numRuns: 1500 })
    .map(({ text }) => text)
    .filter((text) => text.length <= 300);
  return [...published, ...random].flatMap((expression) =>
    scopes.map((scope) => ({ expression, scope, expected: compile(expression)(scope) })),
  );
}

describe("a translated expression", () => {
  it("has the same value in JavaScript", () => {
    for (const { expression, scope, expected } of cases()) {
      const text = translate(parseExpression(expression), { language: "javascript", names: plainNames });
      const run = new Function("Math", ...Object.keys(scope), `return Number(${text});`) as (
        math: unknown,
        ...values: number[]
      ) => number;
      const value = run(sameMath, ...(Object.values(scope) as number[]));
      if (!Object.is(value + 0, expected + 0)) expect.fail(`${expression} as ${text}: ${value}, not ${expected}`);
    }
  });

  it.skipIf(!python)("has the same value in Python, if Python has one (skipped without python3)", async () => {
    const program = [
      "import json, math, sys",
      "def value(text, scope):",
      "    try:",
      "        result = eval(text, {'math': math}, scope)",
      "        return float(result) if not isinstance(result, complex) else None",
      "    except (ValueError, ZeroDivisionError, OverflowError, TypeError):",
      "        return None",
      "values = [value(text, scope) for text, scope in json.load(sys.stdin)]",
      "print(json.dumps([None if v is None or not math.isfinite(v) else v for v in values]))",
    ].join("\n");
    // towers of powers are huge integers in Python, and the sine of a huge number is meaningless
    const safe = cases().filter(({ expression }) => {
      const powers = expression.match(/\^|pow|exp/g)?.length ?? 0;
      return powers === 0 || (powers === 1 && !/sin|cos/.test(expression));
    });
    const texts = safe.map(({ expression, scope }) => [
      translate(parseExpression(expression), { language: "python", names: plainNames }),
      scope,
    ]);
    const values = await runPython<(number | null)[]>(python!, ["-c", program], texts);
    let compared = 0;
    safe.forEach(({ expression, expected }, index) => {
      const value = values[index];
      if (value === null || value === undefined || !Number.isFinite(expected)) return;
      compared++;
      expect(
        Math.abs(value - expected),
        `${expression} as ${String(texts[index]![0])}: ${value}, not ${expected}`,
      ).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
    });
    expect(compared).toBeGreaterThan(1000);
  });
});
