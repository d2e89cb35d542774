/** Typeset formulas, read back by what is seen: letters, signs, fences, fractions and what is raised. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, expressionToLatex, expressionToMath, PolicyError } from "@/lib/dmbn/policy";
import { randomExpression, randomScope } from "./random-expression";

const letters: Record<string, string> = {
  t: "step",
  T: "steps",
  e: "epoch",
  E: "epochs",
  "\\ell": "layer",
  L: "layers",
  C: "channels",
  B: "batchSize",
  "\\eta": "learningRate",
  "\\pi": "pi",
};
const signs: Record<string, string> = {
  "\\cdot": "*",
  "\\bmod": "%",
  "=": "==",
  "\\ne": "!=",
  "\\le": "<=",
  "\\ge": ">=",
  "\\land": "&&",
  "\\lor": "||",
  "\\lnot": "!",
};
const fences: Record<string, string> = { "(": "(", "|": "abs(", "\\lfloor": "floor(", "\\lceil": "ceil(" };

/** d · 10ⁿ is one number, where nothing beside it binds as tightly. */
const withNumbers = (text: string) =>
  text.replace(/(?<![\w.%*])(?:([\d.]+)\*)?10\^\((-?\d+)\)(?!\^)/g, (_, d, n) => `${d ?? 1}e${n}`);

/** LaTeX as an expression of the language; braces are not seen and group nothing but what is raised. */
function readLatex(text: string): string {
  const tokens = text.match(/\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S/g) ?? [];
  let next = 0;
  const take = (wanted?: string) => {
    const token = tokens[next++];
    if (wanted !== undefined && token !== wanted) throw new Error(`${token}, not ${wanted}, in ${text}`);
    return token!;
  };
  const takeAll = (wanted: string) => {
    for (const token of wanted.split(" ")) take(token);
  };
  const until = (...ends: string[]) => {
    let seen = "";
    while (!ends.includes(tokens[next]!)) seen += one();
    return seen;
  };
  const braced = () => {
    take("{");
    const inner = until("}");
    take("}");
    return inner;
  };
  const one = (): string => {
    const token = take();
    if (token === "{") {
      next--;
      return braced();
    }
    if (token === "^") return `^(${braced()})`;
    if (token === "\\frac") return `((${braced()})/(${braced()}))`;
    if (token === "\\sqrt") return `sqrt(${braced()})`;
    if (token === "\\mathrm") return word();
    if (token === "\\left" && tokens[next] === "\\{") {
      takeAll("\\{ \\begin { a r r a y } { l l }");
      const yes = until("&");
      takeAll("& \\mbox { i f }");
      const test = until("\\\\");
      take("\\\\");
      const no = until("&");
      takeAll("& \\mbox { o t h e r w i s e } \\end { a r r a y } \\right .");
      return `((${test})?(${yes}):(${no}))`;
    }
    if (token === "\\left") {
      const open = fences[take()]!;
      const inner = until("\\right");
      take("\\right");
      take();
      return `${open}${inner})`;
    }
    return letters[token] ?? signs[token] ?? token;
  };
  const word = () => {
    take("{");
    let letters = "";
    for (let letter = take(); letter !== "}"; letter = take()) letters += letter;
    return letters;
  };
  let seen = "";
  while (next < tokens.length) seen += one();
  return withNumbers(seen);
}

interface Element {
  name: string;
  upright: boolean;
  children: (Element | string)[];
}

function parseXml(text: string): Element {
  const root: Element = { name: "", upright: false, children: [] };
  const open = [root];
  for (const [, close, name, attributes, words] of text.matchAll(/<(\/?)([a-z]+)([^>]*)>|([^<]+)/g)) {
    if (words !== undefined) open.at(-1)!.children.push(words);
    else if (close) open.pop();
    else {
      const element = { name: name!, upright: attributes!.includes("normal"), children: [] };
      open.at(-1)!.children.push(element);
      open.push(element);
    }
  }
  return root;
}

const ofMathMl: Record<string, string> = {
  ...{ "−": "-", "·": "*", mod: "%", "=": "==", "≠": "!=", "&lt;": "<", "&gt;": ">", "≤": "<=", "≥": ">=", "∧": "&&" },
  ...{ "∨": "||", "¬": "!", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "{": "" },
  ...{ ℓ: "layer", η: "learningRate", π: "pi" },
};

/** MathML as an expression of the language; rows are not seen and group nothing but what is raised. */
function readMathMl(text: string): string {
  const read = (element: Element | string): string => {
    if (typeof element === "string") return ofMathMl[element] ?? element;
    const { name, upright, children } = element;
    const all = () => children.map(read).join("");
    const [first, second] = children as [Element, Element];
    if (name === "mi") return upright ? (first as unknown as string) : (letters[children[0] as string] ?? all());
    if (name === "mfrac") return `((${read(first)})/(${read(second)}))`;
    if (name === "msup") return `${read(first)}^(${read(second)})`;
    if (name === "msqrt") return `sqrt(${all()})`;
    if (name === "mtext") return "";
    if (name === "mtable") {
      const [[yes, test], [no]] = children.map((line) => (line as Element).children.map(read)) as [string[], string[]];
      return `((${test})?(${yes}):(${no}))`;
    }
    if (name === "mrow" && children.length > 2 && all().startsWith("|") && all().endsWith("|"))
      return `abs(${children.slice(1, -1).map(read).join("")})`;
    return all();
  };
  return withNumbers(read(parseXml(text)));
}

const literal = fc.double({ min: 0, max: 1e300, noNaN: true });

describe("a typeset formula", () => {
  it("is read back as the same value, in MathML and in LaTeX", () => {
    let compared = 0;
    const expressions = fc.oneof(
      { weight: 3, arbitrary: randomExpression.map(({ text }) => text) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(randomExpression, literal, fc.constantFrom("^", "*", "%", "/", "-", "<", "=="), fc.boolean())
          .map(([{ text }, x, sign, first]) => (first ? `${x} ${sign} (${text})` : `(${text}) == 0 ${sign} ${x}`)),
      },
    );
    fc.assert(
      fc.property(expressions, randomScope, (text, scope) => {
        let [mathMl, latex, expected] = ["", "", 0];
        try {
          [mathMl, latex, expected] = [expressionToMath(text), expressionToLatex(text), compile(text)(scope)];
        } catch (error) {
          if (error instanceof PolicyError) return; // larger than the limits
          throw error;
        }
        compared++;
        for (const seen of [readMathMl(mathMl), readLatex(latex)]) {
          const value = compile(seen)(scope);
          if (!Object.is(value + 0, expected + 0))
            expect.fail(`${text} as ${seen}: ${value}, not ${expected}\n${latex}`);
        }
      }),
      { seed: 2026, numRuns: 6500 },
    );
    expect(compared).toBeGreaterThan(5000);
  });
});
