/**
 * A momentum expression as an expression of Python or JavaScript, with the
 * same value as long as all intermediate values are finite (Python raises an
 * error where a double would be ∞ or NaN).
 */
import type { ExpressionNode } from "../syntax";
import { binaryPrecedence } from "../syntax";
import type { VariableName } from "../vocabulary";

export interface Dialect {
  /** A variable's name in the surrounding code; an atom or a call, so that it needs no parentheses. */
  names: Readonly<Record<VariableName, string>>;
  language: "python" | "javascript";
}

interface Language {
  constant: (name: string) => string;
  call: (name: string, values: readonly string[]) => string;
  power: (base: Piece, exponent: Piece) => Piece;
  remainder: (left: Piece, right: Piece) => Piece;
  equal: string;
  unequal: string;
  and: string;
  or: string;
  /** A truth value as 1 or 0. */
  number: (condition: string) => string;
  not: (condition: string) => string;
  choose: (test: string, consequent: string, alternate: string) => string;
}

/** Text and how tightly it binds, on the scale of `binaryPrecedence`. */
interface Piece {
  text: string;
  level: number;
}

const levels = { loosest: 0, unary: 11, atom: 13 } as const;
const atom = (text: string): Piece => ({ text, level: levels.atom });
const wrapped = ({ text, level }: Piece, least: number) => (level < least ? `(${text})` : text);

const languages: Record<Dialect["language"], Language> = {
  python: {
    constant: (name) => `math.${name}`,
    call: (name, values) => {
      const [x, y, z] = values;
      if (name === "clamp") return `min(max(${x}, ${y}), ${z})`;
      if (name === "round") return `math.floor(${x} + 0.5)`;
      return `${["min", "max", "abs"].includes(name) ? name : `math.${name}`}(${values.join(", ")})`;
    },
    power: (base, exponent) => ({
      text: `${wrapped(base, levels.atom)} ** ${wrapped(exponent, levels.unary)}`,
      level: binaryPrecedence["^"],
    }),
    remainder: (left, right) => atom(`math.fmod(${left.text}, ${right.text})`),
    equal: "==",
    unequal: "!=",
    and: "and",
    or: "or",
    number: (condition) => `int(${condition})`,
    not: (condition) => `(not ${condition})`,
    choose: (test, consequent, alternate) => `(${consequent} if ${test} else ${alternate})`,
  },
  javascript: {
    constant: (name) => (name === "pi" ? "Math.PI" : "Math.E"),
    call: (name, values) => {
      const [x, y, z] = values;
      if (name === "clamp") return `Math.min(Math.max(${x}, ${y}), ${z})`;
      if (name === "round") return `Math.floor(${x} + 0.5)`;
      return `Math.${name}(${values.join(", ")})`;
    },
    power: (base, exponent) => atom(`Math.pow(${base.text}, ${exponent.text})`),
    remainder: (left, right) => ({
      text: `${wrapped(left, binaryPrecedence["%"])} % ${wrapped(right, levels.unary)}`,
      level: binaryPrecedence["%"],
    }),
    equal: "===",
    unequal: "!==",
    and: "&&",
    or: "||",
    number: (condition) => `Number(${condition})`,
    not: (condition) => `!(${condition})`,
    choose: (test, consequent, alternate) => `(${test} ? ${consequent} : ${alternate})`,
  },
};

/** The source text of a tree in another language. */
export function translate(node: ExpressionNode, dialect: Dialect): string {
  return piece(node, dialect).text;
}

function piece(node: ExpressionNode, dialect: Dialect): Piece {
  const language = languages[dialect.language];
  const part = (inner: ExpressionNode) => piece(inner, dialect);
  if (isTruth(node)) return atom(language.number(condition(node, dialect)));
  switch (node.type) {
    case "number":
      return atom(String(node.value));
    case "constant":
      return atom(language.constant(node.name));
    case "variable":
      return atom(dialect.names[node.name]);
    case "call": // round builds a sum around its argument
      return atom(
        language.call(
          node.name,
          node.arguments.map((value) =>
            wrapped(part(value), node.name === "round" ? binaryPrecedence["+"] : levels.loosest),
          ),
        ),
      );
    case "unary":
      return {
        text: `-${wrapped(part(node.argument), node.argument.type === "unary" ? levels.atom : levels.unary)}`,
        level: levels.unary,
      };
    case "conditional":
      return atom(
        language.choose(condition(node.test, dialect), part(node.consequent).text, part(node.alternate).text),
      );
    case "binary": {
      const [left, right] = [part(node.left), part(node.right)];
      if (node.operator === "^") return language.power(left, right);
      if (node.operator === "%") return language.remainder(left, right);
      const level = binaryPrecedence[node.operator];
      return { text: `${wrapped(left, level)} ${node.operator} ${wrapped(right, level + 1)}`, level };
    }
  }
}

/** Whether a node is a truth value, which both languages distinguish from the numbers 1 and 0. */
const isTruth = (node: ExpressionNode) =>
  (node.type === "unary" && node.operator === "!") ||
  (node.type === "binary" && binaryPrecedence[node.operator] <= binaryPrecedence["<"]);

/** A node as a condition; a number is true unless it is 0. */
function condition(node: ExpressionNode, dialect: Dialect): string {
  const language = languages[dialect.language];
  const operand = (inner: ExpressionNode) => wrapped(piece(inner, dialect), binaryPrecedence["+"]);
  if (node.type === "unary" && isTruth(node)) return language.not(condition(node.argument, dialect));
  if (node.type !== "binary" || !isTruth(node)) return `${operand(node)} ${language.unequal} 0`;
  const { operator, left, right } = node;
  if (operator === "&&" || operator === "||") {
    const word = operator === "&&" ? language.and : language.or;
    return `(${condition(left, dialect)} ${word} ${condition(right, dialect)})`;
  }
  const word = operator === "==" ? language.equal : operator === "!=" ? language.unequal : operator;
  return `${operand(left)} ${word} ${operand(right)}`;
}
