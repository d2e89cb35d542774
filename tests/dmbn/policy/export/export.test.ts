import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MomentumPolicy, Scope } from "@/lib/dmbn/policy";
import { builtInPolicies, compile, recalibrate, schedule, select } from "@/lib/dmbn/policy";
import { toKeras, toPyTorch, toTfLayers } from "@/lib/dmbn/policy/export";
import type { Dialect } from "@/lib/dmbn/policy/export/translate";
import { translate } from "@/lib/dmbn/policy/export/translate";
import { parseExpression } from "@/lib/dmbn/policy/syntax";
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
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** Runs a program that reads JSON from its standard input and prints JSON. */
function python(program: string, input: unknown): unknown {
  const { status, stdout, stderr } = spawnSync("python3", ["-c", program], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

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
      const run = new Function(...Object.keys(scope), `return Number(${text});`) as (...values: number[]) => number;
      const value = run(...(Object.values(scope) as number[]));
      if (!Object.is(value + 0, expected + 0)) expect.fail(`${expression} as ${text}: ${value}, not ${expected}`);
    }
  });

  it.skipIf(!hasPython)(
    "has the same value in Python, wherever Python has one (skipped where there is no python3)",
    () => {
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
      // towers of powers are endless integers in Python, and the sine of a huge number is anyone's guess
      const safe = cases().filter(({ expression }) => {
        const powers = expression.match(/\^|pow|exp/g)?.length ?? 0;
        return powers === 0 || (powers === 1 && !/sin|cos/.test(expression));
      });
      const texts = safe.map(({ expression, scope }) => [
        translate(parseExpression(expression), { language: "python", names: plainNames }),
        scope,
      ]);
      const values = python(program, texts) as (number | null)[];
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
    },
  );
});

const variations: MomentumPolicy[] = [
  ...builtInPolicies.map(({ document }) => document),
  schedule("0.9", { initial: { mean: 1, variance: 2 }, variance: "total" }),
  schedule("0.9", { debias: true }),
  schedule("min(0.99, step / steps)", { varianceMomentum: "clamp(layer / layers, 0, 0.5)" }),
  schedule("learningRate * batchSize / channels", {
    varianceMomentum: "0.5",
    debias: true,
    initial: { mean: 0, variance: 0 },
  }),
  select({
    order: "independent",
    granularity: "channel",
    parameters: "separate",
    variance: "total",
    every: 2,
    candidates: ["step > 3 && epoch < 2 ? 0.9 : 0.5", "1 / batchSize"],
  }),
  select({ by: "drift", parameters: "separate", variance: "total" }),
  recalibrate(5000),
];

describe("a policy as code", () => {
  it("is one setting where β is constant: 1 − β in PyTorch, β elsewhere", () => {
    expect(toPyTorch(schedule(0.9)).code).toContain("norm.momentum = 0.1");
    expect(toPyTorch(schedule(0.99)).code).toContain("norm.momentum = 0.01");
    expect(toPyTorch(schedule("1 - 0.001")).code).toContain("norm.momentum = 0.001");
    expect(toPyTorch(schedule("1 - 1/step")).code).toContain("norm.momentum = None");
    expect(toKeras(schedule(0.9)).code).toContain("BatchNormalization(momentum=0.9, epsilon=1e-5)");
    expect(toTfLayers(schedule(0.9)).code).toBe(
      "const norm = tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 });",
    );
    expect(toPyTorch(schedule(0.9)).notes).toEqual([]);
    expect(toPyTorch(schedule(0.9, { variance: "biased" })).notes[0]).toContain("(n − 1)/n");
    expect(toKeras(schedule(0.9, { variance: "biased" })).notes.join()).not.toContain("variance");
    expect(toKeras(schedule(0.9)).notes[0]).toContain("n/(n − 1)");
  });

  it("is a loop where β moves", () => {
    const pointNet = builtInPolicies.find(({ slug }) => slug === "pointnet")!.document;
    expect(toPyTorch(pointNet).code).toContain(
      "beta = min(0.99, 1 - 0.5 * 0.5 ** math.floor(step * batch_size / 200000))",
    );
    expect(toPyTorch(pointNet).code).toContain("norm.momentum = 1 - beta");
    expect(toKeras(pointNet).code).toContain(
      "beta = min(0.99, 1 - 0.5 * 0.5 ** math.floor(self.step * batch_size / 200000))",
    );
    expect(toTfLayers(pointNet).code).toContain(
      "Math.min(0.99, 1 - 0.5 * Math.pow(0.5, Math.floor(step * batchSize / 200000)))",
    );
  });

  it("measures anew with fvcore where it recalibrates", () => {
    expect(toPyTorch(recalibrate()).code).toContain(
      "update_bn_stats(model, calibration_loader, num_iters=len(calibration_loader))",
    );
  });

  it.skipIf(!hasPython)("is a valid program in Python (skipped where there is no python3)", () => {
    const programs = variations.flatMap((policy) => [toPyTorch(policy).code, toKeras(policy).code]);
    expect(
      python("import ast, json, sys\nfor code in json.load(sys.stdin):\n    ast.parse(code)\nprint('true')", programs),
    ).toBe(true);
  });

  it("is a valid program in JavaScript", () => {
    const AsyncFunction = (async () => {}).constructor as new (code: string) => unknown;
    for (const policy of variations)
      expect(() => new AsyncFunction(toTfLayers(policy).code), toTfLayers(policy).code).not.toThrow();
  });
});
