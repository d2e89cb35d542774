/**
 * What a momentum expression means: its canonical spelling, the variables it
 * reads, and its function. All values are doubles; comparisons and `! && ||`
 * give 1 or 0, and anything but 0 counts as true. Every operation gives the same
 * bits in every engine.
 */
import { pow } from "../elementary";
import { PolicyError } from "./policy-error";
import type { BinaryOperator, ExpressionNode } from "./syntax";
import { binaryPrecedence, limits, parseExpression, variablesIn } from "./syntax";
import type { Scope, VariableName } from "./vocabulary";
import { constants, functions, variables } from "./vocabulary";

/** The text of an expression; inside a parsed policy it is canonical. */
export type Expression = string;

type Evaluate = (scope: Scope) => number;

/**
 * The canonical spelling: the same tree with the fewest parentheses, one space
 * around binary operators except `^`, and the shortest form of each number that
 * reads back the same (`.90` is 0.9). Nothing is computed: `2 * 3` is not 6, and
 * `a + b` is not `b + a`, since floating-point results may differ.
 * @throws PolicyError; also if this spelling is longer than an expression may be: `1e20` has 21 digits in it
 */
export function canonicalExpression(expression: Expression): Expression {
  const canonical = print(parseExpression(expression), 0);
  if (canonical.length <= limits.characters) return canonical;
  throw new PolicyError({
    found: `${canonical.length} characters once it is spelled in full`,
    expected: `an expression of at most ${limits.characters} characters, with 1e20 written as 100000000000000000000`,
    remedy: "Shorten it.",
  });
}

/** The variables that an expression reads. */
export function variablesOf(expression: Expression): ReadonlySet<VariableName> {
  return variablesIn(parseExpression(expression));
}

/**
 * The function of an expression: closures over its tree, without `eval` or
 * property access by name. Never throws; a division by zero gives ±∞ or NaN.
 * @throws PolicyError if the text is not an expression
 */
export function compile(expression: Expression): Evaluate {
  return evaluator(parseExpression(expression));
}

const conditionalLevel = 0;
const unaryLevel = 11;
const atomLevel = 13;

function print(node: ExpressionNode, level: number): string {
  const [text, precedence] = spell(node);
  return precedence < level ? `(${text})` : text;
}

function spell(node: ExpressionNode): [text: string, level: number] {
  switch (node.type) {
    case "number":
      return [String(node.value), atomLevel];
    case "variable":
    case "constant":
      return [node.name, atomLevel];
    case "call":
      return [`${node.name}(${node.arguments.map((value) => print(value, 0)).join(", ")})`, atomLevel];
    case "unary":
      return [`${node.operator}${print(node.argument, unaryLevel)}`, unaryLevel];
    case "conditional": {
      const { test, consequent, alternate } = node;
      return [
        `${print(test, conditionalLevel + 1)} ? ${print(consequent, 0)} : ${print(alternate, 0)}`,
        conditionalLevel,
      ];
    }
    case "binary": {
      const level = binaryPrecedence[node.operator];
      if (node.operator === "^") return [`${print(node.left, level + 1)}^${print(node.right, unaryLevel)}`, level];
      return [`${print(node.left, level)} ${node.operator} ${print(node.right, level + 1)}`, level];
    }
  }
}

const operations: Record<BinaryOperator, (left: Evaluate, right: Evaluate) => Evaluate> = {
  "+": (left, right) => (scope) => left(scope) + right(scope),
  "-": (left, right) => (scope) => left(scope) - right(scope),
  "*": (left, right) => (scope) => left(scope) * right(scope),
  "/": (left, right) => (scope) => left(scope) / right(scope),
  "%": (left, right) => (scope) => left(scope) % right(scope),
  "^": (left, right) => (scope) => pow(left(scope), right(scope)),
  "==": (left, right) => (scope) => (left(scope) === right(scope) ? 1 : 0),
  "!=": (left, right) => (scope) => (left(scope) !== right(scope) ? 1 : 0),
  "<": (left, right) => (scope) => (left(scope) < right(scope) ? 1 : 0),
  "<=": (left, right) => (scope) => (left(scope) <= right(scope) ? 1 : 0),
  ">": (left, right) => (scope) => (left(scope) > right(scope) ? 1 : 0),
  ">=": (left, right) => (scope) => (left(scope) >= right(scope) ? 1 : 0),
  "&&": (left, right) => (scope) => (left(scope) !== 0 && right(scope) !== 0 ? 1 : 0),
  "||": (left, right) => (scope) => (left(scope) !== 0 || right(scope) !== 0 ? 1 : 0),
};

function evaluator(node: ExpressionNode): Evaluate {
  switch (node.type) {
    case "number": {
      const { value } = node;
      return () => value;
    }
    case "constant": {
      const { value } = constants.get(node.name)!;
      return () => value;
    }
    case "variable":
      return variables.get(node.name)!.read;
    case "unary": {
      const argument = evaluator(node.argument);
      return node.operator === "-" ? (scope) => -argument(scope) : (scope) => (argument(scope) === 0 ? 1 : 0);
    }
    case "binary":
      return operations[node.operator](evaluator(node.left), evaluator(node.right));
    case "conditional": {
      const [test, consequent, alternate] = [
        evaluator(node.test),
        evaluator(node.consequent),
        evaluator(node.alternate),
      ];
      return (scope) => (test(scope) !== 0 ? consequent(scope) : alternate(scope));
    }
    case "call": {
      const { apply } = functions.get(node.name)!;
      const values = node.arguments.map(evaluator);
      const [first, second] = values as [Evaluate, Evaluate];
      if (values.length === 1) return (scope) => apply(first(scope));
      if (values.length === 2) return (scope) => apply(first(scope), second(scope));
      return (scope) => apply(...values.map((value) => value(scope)));
    }
  }
}
