import { describe, expect, it } from "vitest";
import type { Scope } from "@/lib/dmbn/policy";
import { canonicalExpression, compile, limits, PolicyError, variablesOf, vocabulary } from "@/lib/dmbn/policy";

const scope: Scope = {
  step: 7,
  steps: 100,
  epoch: 2,
  epochs: 5,
  layer: 1,
  layers: 3,
  channels: 64,
  batchSize: 32,
  learningRate: 0.02,
};
const value = (expression: string) => compile(expression)(scope);

/** The error of an expression that must not parse. */
function refusal(expression: string): PolicyError {
  try {
    compile(expression);
  } catch (error) {
    expect(error, expression.slice(0, 60)).toBeInstanceOf(PolicyError);
    return error as PolicyError;
  }
  return expect.fail(`parsed: ${expression}`);
}

describe("the value of an expression", () => {
  it.each([
    // powers bind tighter than a sign and are right-associative
    ["-2^2", -4],
    ["(-2)^2", 4],
    ["2^3^2", 512],
    ["(2^3)^2", 64],
    ["2^-1", 0.5],
    ["2^-2^2", 0.0625],
    ["2 * 3^2", 18],
    ["-2^2 * 3", -12],
    ["!2^0", 0],
    // the rest is left-associative
    ["7 - 2 - 1", 4],
    ["8 / 4 / 2", 1],
    ["7 % 4 % 2", 1],
    ["2 - 3 * 4", -10],
    ["(2 - 3) * 4", -4],
    ["-7 % 3", -1],
    ["1 - -1", 2],
    ["- - 3", 3],
    ["+3", 3],
    // comparisons and logic give 1 or 0
    ["1 < 2", 1],
    ["2 <= 1", 0],
    ["1 + 1 == 2", 1],
    ["3 != 3", 0],
    ["1 < 2 == 2 > 1", 1],
    ["3 && 2", 1],
    ["0 || 0.1", 1],
    ["!3", 0],
    ["!0 + 1", 2],
    ["1 || 0 && 0", 1],
    ["1 == 1 && 2 == 3", 0],
    // conditionals are right-associative
    ["1 ? 2 : 0 ? 3 : 4", 2],
    ["0 ? 2 : 0 ? 3 : 4", 4],
    ["1 ? 0 ? 5 : 6 : 7", 6],
    ["step > 3?.5:.9", 0.5],
    ["1 + 1 ? 2 : 3", 2],
    // functions and constants
    ["min(3, 1, 2)", 1],
    ["max(3, 1, 2)", 3],
    ["clamp(5, 0, 1)", 1],
    ["clamp(-5, 0, 1)", 0],
    ["clamp(.5, 0, 1)", 0.5],
    ["abs(-3)", 3],
    ["floor(-1.5)", -2],
    ["ceil(-1.5)", -1],
    ["round(2.5)", 3],
    ["round(-2.5)", -2],
    ["sqrt(9)", 3],
    ["exp(0)", 1],
    ["log(e)", 1],
    ["pow(2, 10)", 1024],
    ["sin(0)", 0],
    ["cos(pi)", -1],
    ["tanh(0)", 0],
    ["9e-1", 0.9],
    [".9", 0.9],
    ["5.", 5],
    ["1E2", 100],
    // variables
    ["step", 7],
    ["steps", 100],
    ["epoch", 2],
    ["epochs", 5],
    ["layer", 1],
    ["layers", 3],
    ["channels", 64],
    ["batchSize", 32],
    ["learningRate", 0.02],
    ["\n 1\t-\r\n1 / step ", 6 / 7],
  ])("%s = %d", (expression, expected) => {
    expect(value(expression)).toBeCloseTo(expected, 14);
  });

  it("is a double: a division by zero is not an error here", () => {
    expect(value("1 / 0")).toBe(Infinity);
    expect(value("0 / 0")).toBeNaN();
    expect(value("min(0.9, 1 / 0)")).toBe(0.9);
  });

  it("depends on the variables that the expression names", () => {
    expect([...variablesOf("min(0.9, step / steps) + 0 * (epoch > 1 ? layer : channels)")].sort()).toEqual([
      "channels",
      "epoch",
      "layer",
      "step",
      "steps",
    ]);
    expect(variablesOf("1 - pi / 4").size).toBe(0);
  });

  it("is defined for every word of the vocabulary", () => {
    for (const { kind, signature } of vocabulary) {
      const call = signature.replace(/[a-z]+(?=[,)])/g, "0.5").replace(", …", "");
      expect(Number.isFinite(value(kind === "function" ? call : signature)), signature).toBe(true);
    }
  });
});

describe("a wrong expression", () => {
  it.each([
    // text, offset, a part of the message
    ["", 0, "Complete"],
    ["1 -", 3, "Complete"],
    ["1 - * 2", 4, "“*”"],
    ["1 2", 2, "“2”"],
    ["step steps", 5, "“steps”"],
    ["(1", 2, "“)”"],
    ["1)", 1, "“)”"],
    ["()", 1, "“)”"],
    ["min(1,)", 6, "“)”"],
    ["min(1 2)", 6, "“2”"],
    ["min(,1)", 4, "“,”"],
    ["1, 2", 1, "point"],
    ["0,9", 1, "point"],
    ["1; 2", 1, "single"],
    [".", 0, "number"],
    ["1.2.3", 3, "decimal point"],
    ["2step", 1, "multiply"],
    ["0x10", 1, "multiply"],
    ["1_000", 1, "multiply"],
    ["2(3)", 1, "multiply"],
    ["1e", 1, "multiply"],
    ["1e999", 0, "1.8e308"],
    ["2 ** 3", 2, "Write ^"],
    ["1 === 1", 2, "Write =="],
    ["a = 1", 2, "=="],
    ["1 & 1", 2, "&&"],
    ["1 | 1", 2, "||"],
    ["1 ?? 2", 2, "condition"],
    ["1 ? 2", 5, "test ? a : b"],
    ["1 ? : 2", 4, "“:”"],
    ["~1", 0, "“~”"],
    ["1 < 2 < 3", 0, "&&"],
    ["step.x", 4, "properties"],
    ["step?.x", 5, "“."],
    ["step['x']", 4, "lists"],
    ["[1]", 0, "lists"],
    ["'a'", 0, "text"],
    ['"a"', 0, "text"],
    ["beta", 0, "“beta”"],
    ["batch_size", 0, "batchSize"],
    ["Step", 0, "step?"],
    ["1 - 1/t", 6, "step?"],
    ["Math.sqrt(2)", 4, "properties"],
    ["min", 0, "min(a, b, …)"],
    ["sqrt()", 0, "sqrt(x)"],
    ["clamp(1, 2)", 0, "clamp(x, low, high)"],
    ["foo(1)", 0, "“foo(”"],
    ["step(1)", 0, "“step(”"],
    ["true", 0, "1 for true"],
    ["null", 0, "0 for false"],
    ["this", 0, "this"],
    ["constructor", 0, "“constructor”"],
    ["__proto__", 0, "“__proto__”"],
    ["constructor(1)", 0, "“constructor(”"],
    ["toString()", 0, "“toString(”"],
    ["hasOwnProperty", 0, "“hasOwnProperty”"],
    ["1 − 1", 2, "Write - instead"],
    ["2×3", 1, "Write * instead"],
    ["β = 0.9", 0, "β itself"],
    ["0.９", 2, "Write 9 instead"],
    ["min(1, …)", 7, "Remove it."],
    ["1e-400", 0, "Write 0 or a larger number."],
    ["1 - .1e-999", 4, "Write 0 or a larger number."],
    ["stеp", 2, "Write e instead"],
    ["1\u00a0- 1", 1, "plain space"],
    ["step ≥ 3", 5, ">="],
    ["1\u0000", 1, "U+0000"],
    ["1 + 😀", 4, "U+1F600"],
  ])("%j is refused at %d, naming %s", (expression, position, named) => {
    const { message, issue } = refusal(expression);
    expect(message).toContain(named);
    expect(issue.position).toBe(position);
    for (const part of [issue.found, issue.expected, issue.remedy]) expect(part).not.toBe("");
  });

  it("is refused above the limits and accepted just within them", () => {
    const sum = (terms: number): string =>
      terms === 1 ? "1" : `(${sum(Math.ceil(terms / 2))}+${sum(Math.floor(terms / 2))})`;
    expect(value(sum(64))).toBe(64); // 127 nodes
    expect(refusal(sum(65)).message).toContain(`${limits.nodes}`);
    expect(value(`${"-".repeat(31)}1`)).toBe(-1);
    expect(refusal(`${"-".repeat(32)}1`).message).toContain(`${limits.depth}`);
    expect(value(`${"(".repeat(255)}1${")".repeat(255)}`)).toBe(1);
    expect(value(`${" ".repeat(511)}1`)).toBe(1);
    expect(refusal(`${" ".repeat(512)}1`).message).toContain(`${limits.characters}`);
  });

  it("is refused at once with ten million characters, in a short message", () => {
    const start = performance.now();
    for (const unit of ["(", "1+", "−", "-"])
      expect(refusal(unit.repeat(10_000_000 / unit.length)).message.length).toBeLessThan(200);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe("the canonical spelling", () => {
  it.each([
    [".9", "0.9"],
    ["0.90", "0.9"],
    ["9e-1", "0.9"],
    ["((0.9))", "0.9"],
    ["1-1/step", "1 - 1 / step"],
    ["1-(1/step)", "1 - 1 / step"],
    ["(1-1)/step", "(1 - 1) / step"],
    ["1-(2-3)", "1 - (2 - 3)"],
    ["(1-2)-3", "1 - 2 - 3"],
    ["2^(3^2)", "2^3^2"],
    ["(2^3)^2", "(2^3)^2"],
    ["(-2)^2", "(-2)^2"],
    ["-(2^2)", "-2^2"],
    ["2^(-1)", "2^-1"],
    ["2^(1+1)", "2^(1 + 1)"],
    ["-(1*2)", "-(1 * 2)"],
    ["(-1)*2", "-1 * 2"],
    ["+step", "step"],
    ["(1?2:3)?4:(5?6:7)", "(1 ? 2 : 3) ? 4 : 5 ? 6 : 7"],
    ["min( 1,2 )", "min(1, 2)"],
    ["(step)==1&&(1||0)", "step == 1 && (1 || 0)"],
    ["1e21", "1e+21"],
    ["0.0000001", "1e-7"],
    ["!(1<2)", "!(1 < 2)"],
    ["1 + 1", "1 + 1"],
    ["2 * step", "2 * step"],
    ["step * 2", "step * 2"],
  ])("of %s is %s", (expression, canonical) => {
    expect(canonicalExpression(expression)).toBe(canonical);
    expect(canonicalExpression(canonical)).toBe(canonical);
  });
});

it("suggests for a foreign character only a word or sign of the language", () => {
  const ours = (form: string) =>
    /^([A-Za-z_]|\d+|[-+*/%^<>!?:(),.]|[=!<>]=|&&|\|\|)$/.test(form) || vocabulary.some(({ name }) => name === form);
  for (let code = 0x80; code < 0x20000; code++) {
    const character = String.fromCodePoint(code);
    const form = character.normalize("NFKC");
    if (!/^[\x21-\x7e]+$/.test(form)) continue;
    const suggested = /^Write (\S+) instead\.$/.exec(refusal(character).issue.remedy)?.[1];
    if (suggested === form) expect(ours(form), `U+${code.toString(16)}: ${form}`).toBe(true);
    else if (ours(form)) expect(suggested, `U+${code.toString(16)}`).toBeDefined(); // by its look
  }
});
