/**
 * A momentum expression as an expression of Python or JavaScript, with the
 * same value wherever all its intermediate values are finite (Python raises
 * where a double would be ∞ or NaN).
 */
import { binaryPrecedence, type BinaryOperator, type ExpressionNode } from "./syntax";
import type { VariableName } from "./vocabulary";

export interface Dialect {
  /** How the surrounding code names a variable; an atom or a call, so that it needs no parentheses. */
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
    power: (base, exponent) => ({ text: `${wrapped(base, levels.atom)} ** ${wrapped(exponent, levels.unary)}`, level: binaryPrecedence["^"] }),
    remainder: (left, right) => atom(`math.fmod(${left.text}, ${right.text})`),
    equal: "==",
    unequal: "!=",
    and: "and",
    or: "or",
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
    remainder: (left, right) => ({ text: `${wrapped(left, binaryPrecedence["%"])} % ${wrapped(right, levels.unary)}`, level: binaryPrecedence["%"] }),
    equal: "===",
    unequal: "!==",
    and: "&&",
    or: "||",
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
  switch (node.type) {
    case "number":
      return atom(String(node.value));
    case "constant":
      return atom(language.constant(node.name));
    case "variable":
      return atom(dialect.names[node.name]);
    case "call": {
      const values = node.arguments.map(part);
      // x + 0.5 is built around the argument of round
      return atom(language.call(node.name, values.map((value) => (node.name === "round" ? wrapped(value, binaryPrecedence["+"]) : value.text))));
    }
    case "unary":
      if (node.operator === "!") return atom(language.not(condition(node.argument, dialect)));
      return { text: `-${wrapped(part(node.argument), node.argument.type === "unary" ? levels.atom : levels.unary)}`, level: levels.unary };
    case "conditional":
      return atom(language.choose(condition(node.test, dialect), part(node.consequent).text, part(node.alternate).text));
    case "binary":
      return operation(node.operator, node.left, node.right, dialect);
  }
}

function operation(operator: BinaryOperator, left: ExpressionNode, right: ExpressionNode, dialect: Dialect): Piece {
  const language = languages[dialect.language];
  const level = binaryPrecedence[operator];
  if (operator === "&&" || operator === "||") {
    const word = operator === "&&" ? language.and : language.or;
    return atom(`(${condition(left, dialect)} ${word} ${condition(right, dialect)})`);
  }
  const [first, second] = [piece(left, dialect), piece(right, dialect)];
  if (operator === "^") return language.power(first, second);
  if (operator === "%") return language.remainder(first, second);
  // Python would chain a comparison of comparisons, and JavaScript's === tells true from 1
  if (isComparison(operator)) {
    const word = operator === "==" ? language.equal : operator === "!=" ? language.unequal : operator;
    return { text: `${wrapped(number(left, first, dialect), 9)} ${word} ${wrapped(number(right, second, dialect), 9)}`, level };
  }
  return { text: `${wrapped(first, level)} ${operator} ${wrapped(second, level + 1)}`, level };
}

/** A truth value as 1 or 0, where the language would otherwise compare it as a boolean. */
function number(node: ExpressionNode, text: Piece, { language }: Dialect): Piece {
  if (!isTruth(node)) return text;
  return atom(language === "python" ? `int(${text.text})` : `Number(${text.text})`);
}

function condition(node: ExpressionNode, dialect: Dialect): string {
  const text = piece(node, dialect);
  return isTruth(node) ? wrapped(text, 6) : `${wrapped(text, 9)} ${languages[dialect.language].unequal} 0`;
}

const isComparison = (operator: BinaryOperator) => binaryPrecedence[operator] === 6 || binaryPrecedence[operator] === 7;
const isTruth = (node: ExpressionNode) =>
  (node.type === "unary" && node.operator === "!") || (node.type === "binary" && (isComparison(node.operator) || node.operator === "&&" || node.operator === "||"));
