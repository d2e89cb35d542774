/**
 * A momentum expression as mathematics: MathML for pages, LaTeX for papers. Both come from the parsed tree, so that only
 * the language's own words and numbers appear, and both have parentheses wherever a reader could take another tree for
 * the same signs: what is printed can be read back.
 */
import type { Expression } from "./expression";
import type { BinaryOperator, ExpressionNode, UnaryOperator } from "./syntax";
import { binaryPrecedence, parseExpression } from "./syntax";
import type { VariableName } from "./vocabulary";

/** How the parts of a formula are written; each part is given as written. */
interface Notation {
  symbols: Readonly<Record<VariableName | "pi" | "e", string>>;
  signs: Readonly<Record<Exclude<BinaryOperator, "/" | "^"> | "unary-" | UnaryOperator | ",", string>>;
  fences: Readonly<Record<"floor" | "ceil" | "abs" | "group", readonly [open: string, close: string]>>;
  digits: (text: string) => string;
  function: (name: string) => string;
  row: (...parts: string[]) => string;
  fraction: (numerator: string, denominator: string) => string;
  power: (base: string, exponent: string) => string;
  root: (inner: string) => string;
  cases: (test: string, consequent: string, alternate: string) => string;
}

/**
 * A `<math>` element: t step, T steps, e epoch, E epochs, ℓ layer, L layers,
 * C channels, B batch size, η learning rate.
 * @throws PolicyError if the text is not an expression
 */
export function expressionToMath(expression: Expression): string {
  return `<math xmlns="http://www.w3.org/1998/Math/MathML">${typeset(parseExpression(expression), mathMl)}</math>`;
}

/**
 * LaTeX for use between dollar signs, without any package, with the letters of `expressionToMath`.
 * @throws PolicyError if the text is not an expression
 */
export function expressionToLatex(expression: Expression): string {
  return typeset(parseExpression(expression), latex);
}

const sign = (text: string) => `<mo>${text}</mo>`;

const mathMl: Notation = {
  symbols: {
    step: "<mi>t</mi>",
    steps: "<mi>T</mi>",
    epoch: "<mi>e</mi>",
    epochs: "<mi>E</mi>",
    layer: "<mi>ℓ</mi>",
    layers: "<mi>L</mi>",
    channels: "<mi>C</mi>",
    batchSize: "<mi>B</mi>",
    learningRate: "<mi>η</mi>",
    pi: "<mi>π</mi>",
    e: '<mi mathvariant="normal">e</mi>',
  },
  signs: {
    "+": sign("+"),
    "-": sign("−"),
    "unary-": sign("−"),
    "*": sign("·"),
    "%": sign("mod"),
    "==": sign("="),
    "!=": sign("≠"),
    "<": sign("&lt;"),
    "<=": sign("≤"),
    ">": sign("&gt;"),
    ">=": sign("≥"),
    "&&": sign("∧"),
    "||": sign("∨"),
    "!": sign("¬"),
    ",": sign(","),
  },
  fences: {
    floor: [sign("⌊"), sign("⌋")],
    ceil: [sign("⌈"), sign("⌉")],
    abs: [sign("|"), sign("|")],
    group: [sign("("), sign(")")],
  },
  digits: (text) => `<mn>${text}</mn>`,
  function: (name) => `<mi mathvariant="normal">${name}</mi>`,
  row: (...parts) => `<mrow>${parts.join("")}</mrow>`,
  fraction: (numerator, denominator) => `<mfrac>${numerator}${denominator}</mfrac>`,
  power: (base, exponent) => `<msup>${base}${exponent}</msup>`,
  root: (inner) => `<msqrt>${inner}</msqrt>`,
  cases: (test, consequent, alternate) => {
    const line = (value: string, when: string) => `<mtr><mtd>${value}</mtd><mtd>${when}</mtd></mtr>`;
    const lines = line(consequent, `<mtext>if </mtext>${test}`) + line(alternate, "<mtext>otherwise</mtext>");
    return `<mrow>${sign("{")}<mtable columnalign="left">${lines}</mtable></mrow>`;
  },
};

const latex: Notation = {
  symbols: {
    step: "t",
    steps: "T",
    epoch: "e",
    epochs: "E",
    layer: "\\ell ",
    layers: "L",
    channels: "C",
    batchSize: "B",
    learningRate: "\\eta ",
    pi: "\\pi ",
    e: "\\mathrm{e}",
  },
  signs: {
    "+": " + ",
    "-": " - ",
    "unary-": "-",
    "*": " \\cdot ",
    "%": " \\bmod ",
    "==": " = ",
    "!=": " \\ne ",
    "<": " < ",
    "<=": " \\le ",
    ">": " > ",
    ">=": " \\ge ",
    "&&": " \\land ",
    "||": " \\lor ",
    "!": "\\lnot ",
    ",": ", ",
  },
  fences: {
    floor: ["\\left\\lfloor ", "\\right\\rfloor "],
    ceil: ["\\left\\lceil ", "\\right\\rceil "],
    abs: ["\\left|", "\\right|"],
    group: ["\\left(", "\\right)"],
  },
  digits: (text) => text,
  function: (name) => `\\mathrm{${name}}`,
  row: (...parts) => parts.join(""),
  fraction: (numerator, denominator) => `\\frac{${numerator}}{${denominator}}`,
  power: (base, exponent) => `{${base}}^{${exponent}}`,
  root: (inner) => `\\sqrt{${inner}}`,
  cases: (test, consequent, alternate) =>
    `\\left\\{\\begin{array}{ll}${consequent} & \\mbox{if }${test} \\\\ ` +
    `{}${alternate} & \\mbox{otherwise}\\end{array}\\right.`,
};

const powerLevel = binaryPrecedence["^"];
const levels = { conditional: 0, unary: 11, atom: 13 } as const;

const comparesValues = (node: ExpressionNode) =>
  node.type === "binary" &&
  binaryPrecedence[node.operator] >= binaryPrecedence["=="] &&
  binaryPrecedence[node.operator] <= binaryPrecedence["<"];

/** How tightly the signs of a formula hold together, on the scale of `binaryPrecedence`. */
function levelOf(node: ExpressionNode): number {
  switch (node.type) {
    case "number": {
      const [digits, exponent] = String(node.value).split("e");
      if (exponent === undefined) return levels.atom;
      return digits === "1" ? powerLevel : binaryPrecedence["*"];
    }
    case "conditional":
      return levels.conditional;
    case "unary":
      return levels.unary;
    case "binary": // a fraction needs parentheses only as the base of a power
      return node.operator === "/" ? powerLevel : binaryPrecedence[node.operator];
    case "call":
      return node.name === "pow" ? powerLevel : levels.atom;
    default:
      return levels.atom;
  }
}

function typeset(node: ExpressionNode, notation: Notation): string {
  const { symbols, signs, fences, row } = notation;
  const whole = (inner: ExpressionNode) => typeset(inner, notation);
  const fenced = (inner: string, [open, close] = fences.group) => row(open, inner, close);
  const part = (inner: ExpressionNode, level: number) => (levelOf(inner) < level ? fenced(whole(inner)) : whole(inner));
  const power = (base: ExpressionNode, exponent: ExpressionNode) =>
    notation.power(row(part(base, levels.atom)), row(whole(exponent)));

  switch (node.type) {
    case "number":
      return number(node.value, notation);
    case "variable":
      return symbols[node.name];
    case "constant":
      return symbols[node.name as "pi" | "e"];
    case "unary":
      return row(signs[node.operator === "-" ? "unary-" : "!"], part(node.argument, levels.unary + 1));
    case "conditional":
      return notation.cases(whole(node.test), whole(node.consequent), whole(node.alternate));
    case "binary": {
      const { operator, left, right } = node;
      if (operator === "/") return notation.fraction(whole(left), whole(right));
      if (operator === "^") return power(left, right);
      const level = binaryPrecedence[operator];
      const compares = comparesValues(node); // a = b = c would read as a chain
      return row(
        compares && comparesValues(left) ? fenced(whole(left)) : part(left, level),
        signs[operator],
        (right.type === "unary" && right.operator === "-") || (compares && comparesValues(right))
          ? fenced(whole(right))
          : part(right, level + 1),
      );
    }
    case "call": {
      const [x, y] = node.arguments as [ExpressionNode, ExpressionNode];
      switch (node.name) {
        case "floor":
        case "ceil":
        case "abs":
          return fenced(whole(x), fences[node.name]);
        case "sqrt":
          return notation.root(whole(x));
        case "pow":
          return power(x, y);
        default:
          return row(notation.function(node.name), fenced(node.arguments.map(whole).join(signs[","])));
      }
    }
  }
}

/** 1e-6 as 10⁻⁶, 2e-6 as 2 · 10⁻⁶, everything else as written. */
function number(value: number, { digits, signs, power, row }: Notation): string {
  const [mantissa, exponent] = String(value).split("e") as [string, string?];
  if (exponent === undefined) return digits(mantissa);
  const magnitude = digits(exponent.replace(/^[+-]/, ""));
  const factor = power(digits("10"), row(exponent.startsWith("-") ? signs["unary-"] : "", magnitude));
  return mantissa === "1" ? factor : row(digits(mantissa), signs["*"], factor);
}
