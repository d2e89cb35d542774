/**
 * A momentum expression as MathML, for the rule on a policy's page. Names and
 * numbers come from the parsed tree, so only the comparison signs need escaping:
 * `signs` has them as entities.
 */
import type { Expression } from "./expression";
import type { BinaryOperator, ExpressionNode } from "./syntax";
import { binaryPrecedence, parseExpression } from "./syntax";

const signs: Record<BinaryOperator, string> = {
  "+": "+",
  "-": "−",
  "*": "·",
  "/": "/",
  "%": "mod",
  "^": "",
  "==": "=",
  "!=": "≠",
  "<": "&lt;",
  "<=": "≤",
  ">": "&gt;",
  ">=": "≥",
  "&&": "∧",
  "||": "∨",
};

const symbols: Record<string, string> = {
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
};

/**
 * An `<math>` element: t step, T steps, e epoch, E epochs, ℓ layer, L layers,
 * C channels, B batch size, η learning rate.
 * @throws PolicyError if the text is not an expression
 */
export function expressionToMath(expression: Expression): string {
  return `<math xmlns="http://www.w3.org/1998/Math/MathML">${typeset(parseExpression(expression))}</math>`;
}

const row = (...parts: string[]) => `<mrow>${parts.join("")}</mrow>`;
const sign = (text: string) => `<mo>${text}</mo>`;
const fenced = (open: string, inner: string, close: string) => row(sign(open), inner, sign(close));

function levelOf(node: ExpressionNode): number {
  if (node.type === "conditional") return 0;
  if (node.type === "unary") return 11;
  // a fraction needs parentheses only as the base of a power
  if (node.type === "binary" && node.operator !== "/") return binaryPrecedence[node.operator];
  return 13;
}

function typeset(node: ExpressionNode): string {
  const part = (inner: ExpressionNode, level: number) =>
    levelOf(inner) < level ? fenced("(", typeset(inner), ")") : typeset(inner);
  switch (node.type) {
    case "number":
      return number(node.value);
    case "variable":
    case "constant":
      return symbols[node.name]!;
    case "unary":
      return row(sign(node.operator === "-" ? "−" : "¬"), part(node.argument, 11));
    case "conditional":
      return row(
        sign("{"),
        `<mtable columnalign="left">${[
          [typeset(node.consequent), `<mtext>if </mtext>${typeset(node.test)}`],
          [typeset(node.alternate), "<mtext>otherwise</mtext>"],
        ]
          .map((cells) => `<mtr>${cells.map((cell) => `<mtd>${cell}</mtd>`).join("")}</mtr>`)
          .join("")}</mtable>`,
      );
    case "binary": {
      const { operator, left, right } = node;
      if (operator === "/") return `<mfrac>${typeset(left)}${typeset(right)}</mfrac>`;
      const level = binaryPrecedence[operator];
      if (operator === "^") {
        const simple =
          left.type === "number" || left.type === "variable" || left.type === "constant" || left.type === "call";
        return `<msup>${simple ? row(typeset(left)) : fenced("(", typeset(left), ")")}${row(typeset(right))}</msup>`;
      }
      return row(part(left, level), sign(signs[operator]), part(right, level + 1));
    }
    case "call": {
      const values = node.arguments.map(typeset);
      const [x, y] = node.arguments as [ExpressionNode, ExpressionNode];
      if (node.name === "floor") return fenced("⌊", values[0]!, "⌋");
      if (node.name === "ceil") return fenced("⌈", values[0]!, "⌉");
      if (node.name === "abs") return fenced("|", values[0]!, "|");
      if (node.name === "sqrt") return `<msqrt>${values[0]}</msqrt>`;
      if (node.name === "exp") return `<msup>${symbols.e}${row(values[0]!)}</msup>`;
      if (node.name === "pow") return typeset({ type: "binary", operator: "^", left: x, right: y });
      return row(`<mi mathvariant="normal">${node.name}</mi>`, fenced("(", values.join(sign(",")), ")"));
    }
  }
}

/** 1e-6 as 10⁻⁶, everything else as written. */
function number(value: number): string {
  const [digits, exponent] = String(value).split("e");
  if (exponent === undefined) return `<mn>${digits}</mn>`;
  const magnitude = `<mn>${exponent.replace(/^[+-]/, "")}</mn>`;
  const power = `<msup><mn>10</mn>${exponent.startsWith("-") ? row(sign("−"), magnitude) : magnitude}</msup>`;
  return digits === "1" ? power : row(`<mn>${digits}</mn>`, sign("·"), power);
}
