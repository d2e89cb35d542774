/**
 * Parses a momentum expression. jsep handles operator precedence; this file rejects
 * what else jsep accepts (several expressions, properties, arrays, strings), adds
 * `^`, records the position of each node, and admits only the nodes below.
 *
 * Precedence, loosest first: `?:`, `||`, `&&`, `== !=`, `< <= > >=`, `+ -`,
 * `* / %`, unary `- !`, `^`. All are left-associative except `?:` and `^`; as in
 * mathematics, −2^2 is −4 and 2^3^2 is 2^9.
 */
import jsep from "jsep";
import { describeValue, PolicyError } from "./policy-error";
import type { VariableName } from "./vocabulary";
import { constants, functions, variables } from "./vocabulary";

export const limits = { characters: 512, nodes: 128, depth: 32 } as const;

export const binaryPrecedence = {
  "||": 1,
  "&&": 2,
  "==": 6,
  "!=": 6,
  "<": 7,
  "<=": 7,
  ">": 7,
  ">=": 7,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "%": 10,
  "^": 12,
} as const;

export type BinaryOperator = keyof typeof binaryPrecedence;
export type UnaryOperator = "-" | "!";

export type ExpressionNode =
  | { type: "number"; value: number }
  | { type: "variable"; name: VariableName }
  | { type: "constant"; name: string }
  | { type: "unary"; operator: UnaryOperator; argument: ExpressionNode }
  | { type: "binary"; operator: BinaryOperator; left: ExpressionNode; right: ExpressionNode }
  | { type: "conditional"; test: ExpressionNode; consequent: ExpressionNode; alternate: ExpressionNode }
  | { type: "call"; name: string; arguments: readonly ExpressionNode[] };

type Parsed = jsep.Expression & { position?: number };

/** The part of jsep's parser class that a subclass uses; jsep's types declare only the function. */
interface JsepParser {
  expr: string;
  index: number;
  readonly char: string;
  gobbleSpaces(): void;
  gobbleExpression(): Parsed | false | undefined;
  gobbleToken(): Parsed | false | undefined;
  gobbleBinaryOp(): string | false;
}
const { Jsep } = jsep as unknown as { Jsep: new (text: string) => JsepParser };

const operand = "a number, a name or “(”";
const numberPattern = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const wordPattern = /[A-Za-z_$][\w$]*/y;

/** The remedy for a character or operator that the language doesn't have. */
const replacements = new Map([
  ["=", "Compare with ==; nothing is assigned."],
  ["**", "Write ^ for a power."],
  ["===", "Write == to compare."],
  ["!==", "Write != to compare."],
  ["&", "Write && for “and”."],
  ["|", "Write || for “or”."],
  ["??", "Write a condition: test ? a : b."],
  [",", "A comma only separates the arguments of a function; decimals take a point."],
  [";", "A policy is a single expression: leave the semicolon out."],
  [".", "There are no properties: name functions without a prefix, as in sqrt(x)."],
  ["[", "There are no lists: use ?: to choose between values."],
  ["(", "Only functions are called; write * to multiply."],
  [")", "Remove it, or open a parenthesis before it."],
  ['"', "There is no text in the language: remove the quotes."],
  ["'", "There is no text in the language: remove the quotes."],
]);

/** Suggestions for characters that look like ASCII ones, and for a few that people paste from papers. */
const lookAlikes = new Map([
  ..."−–—‐‑‒﹣".split("").map((c) => [c, "-"] as const),
  ..."×·∙⋅∗✕".split("").map((c) => [c, "*"] as const),
  ..."÷∕⁄".split("").map((c) => [c, "/"] as const),
  ["≤", "<="],
  ["≥", ">="],
  ["≠", "!="],
  ["π", "pi"],
  ["√", "sqrt(…)"],
  ["⌊", "floor(…)"],
  ["⌋", "floor(…)"],
  ["⌈", "ceil(…)"],
  ["⌉", "ceil(…)"],
  ["²", "^2"],
  ["³", "^3"],
  ["½", "0.5"],
  ["∧", "&&"],
  ["∨", "||"],
  ["¬", "!"],
  ["η", "learningRate"],
  ["γ", "a number"],
  ["а", "a"],
  ["е", "e"],
  ["о", "o"],
  ["р", "p"],
  ["с", "c"],
  ["х", "x"],
  ["і", "i"],
  ["ѕ", "s"],
]);

/** Suggestions for names that are common elsewhere. */
const synonyms = new Map([
  ["t", "step"],
  ["s", "steps"],
  ["n", "step"],
  ["iteration", "step"],
  ["b", "batchSize"],
  ["l", "layer"],
  ["c", "channels"],
  ["lr", "learningRate"],
  ["eta", "learningRate"],
  ["ln", "log"],
  ["power", "pow"],
  ["minimum", "min"],
  ["maximum", "max"],
]);

/**
 * Parses an expression.
 * @throws PolicyError naming the character, if the text is not an expression or exceeds `limits`
 */
export function parseExpression(text: string): ExpressionNode {
  if (text.length > limits.characters) {
    throw new PolicyError({
      position: limits.characters,
      found: `${text.length} characters`,
      expected: `an expression of at most ${limits.characters} characters`,
      remedy: "Shorten it.",
    });
  }
  refuseForeignCharacters(text);
  const parsed = new StrictParser(text).parseWhole();
  const budget = { nodes: 0 };
  return admit(parsed, 1, budget);
}

function refuseForeignCharacters(text: string): void {
  const foreign = /[^\x20-\x7e\t\n\r]/u.exec(text);
  if (!foreign) return;
  const [character] = foreign;
  const plain = lookAlikes.get(character) ?? asciiForm(character);
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  throw new PolicyError({
    position: foreign.index,
    found: `${describeValue(character)} (${code})`,
    expected: "plain ASCII characters",
    remedy: plain
      ? `Write ${plain} instead.`
      : character === "β"
        ? "The expression is β itself: leave “β =” out."
        : "Remove it.",
  });
}

/** What a character stands for in the language, if anything: its compatible form, where that is a word or sign of it. */
function asciiForm(character: string): string | undefined {
  const form = character.normalize("NFKC");
  if (form === " ") return "a plain space";
  const known = /^([A-Za-z_]|\d+)$/.test(form) || variables.has(form) || constants.has(form) || functions.has(form);
  return known || form in binaryPrecedence || ["(", ")", ",", ".", "?", ":", "!"].includes(form) ? form : undefined;
}

/** jsep's parser, restricted to one expression of operands, operators, groups and calls. */
class StrictParser extends Jsep {
  parseWhole(): Parsed {
    const whole = this.expression();
    if (this.index < this.expr.length) this.refuse("an operator or the end");
    return whole;
  }

  /** An operand with its powers, so that `^` binds tighter than a sign before it. */
  override gobbleToken(): Parsed | false | undefined {
    this.gobbleSpaces();
    const position = this.index;
    const base = super.gobbleToken();
    if (!base) return base;
    base.position ??= position;
    this.gobbleSpaces();
    if (!this.take("^")) return base;
    const exponent = this.gobbleToken();
    if (!exponent) this.refuse(operand);
    return { type: "BinaryExpression", operator: "^", left: base, right: exponent as Parsed, position };
  }

  override gobbleBinaryOp(): string | false {
    this.gobbleSpaces();
    const position = this.index;
    const operator = super.gobbleBinaryOp();
    if (operator && !(operator in binaryPrecedence)) {
      this.index = position;
      this.refuse("an operator", operator);
    }
    return operator;
  }

  gobbleNumericLiteral(): Parsed {
    const position = this.index;
    const digits = this.match(numberPattern);
    if (!digits) this.refuse("a number", ".");
    this.index += digits.length;
    const value = Number(digits);
    if (!Number.isFinite(value)) this.refuse("a number below 1.8e308", digits, "Write a smaller number.", position);
    if (value === 0 && /[1-9]/.test(digits.split(/e/i)[0]!))
      this.refuse("0 or a number above 4.9e-324", digits, "Write 0 or a larger number.", position);
    const next = this.match(wordPattern) || (this.char === "." ? "." : "");
    if (next)
      this.refuse(
        "an operator after the number",
        `${digits}${next}`,
        "Write * to multiply; a number has one decimal point.",
      );
    return { type: "Literal", value, raw: digits, position };
  }

  gobbleGroup(): Parsed {
    this.index++;
    const inner = this.expression();
    this.close();
    return inner;
  }

  /** Only a function's name may be followed by its arguments; nothing has properties. */
  gobbleTokenProperty(node: Parsed): Parsed {
    this.gobbleSpaces();
    if (node.type !== "Identifier" || !this.take("(")) return node;
    const values: Parsed[] = [];
    this.gobbleSpaces();
    if (!this.take(")")) {
      do values.push(this.expression());
      while (this.take(","));
      this.close();
    }
    return { type: "CallExpression", callee: node, arguments: values };
  }

  gobbleStringLiteral(): never {
    return this.refuse(operand);
  }

  gobbleArray(): never {
    return this.refuse(operand);
  }

  /** The only two errors that jsep still raises: a missing operand, or a missing colon of a condition. */
  throwError(message: string): never {
    if (message === "Expected :")
      return this.refuse("“:” and the other value", undefined, "Complete the condition: test ? a : b.");
    return this.refuse(operand);
  }

  private expression(): Parsed {
    return this.gobbleExpression() || this.refuse(operand);
  }

  private close(): void {
    if (!this.take(")")) this.refuse("an operator or “)”");
  }

  /** Consumes `character` if it is next. */
  private take(character: string): boolean {
    if (this.char !== character) return false;
    this.index++;
    return true;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.index;
    return pattern.exec(this.expr)?.[0] ?? "";
  }

  private refuse(expected: string, at?: string, remedy?: string, position?: number): never {
    if (at === undefined) this.gobbleSpaces();
    const token = at ?? (this.match(wordPattern) || this.match(numberPattern) || this.char);
    throw new PolicyError({
      position: position ?? this.index,
      found: token ? `“${token}”` : "the end",
      expected,
      remedy:
        remedy ??
        replacements.get(token) ??
        (token ? `Remove “${token}” or write an operator before it.` : "Complete the expression."),
    });
  }
}

/** Converts a jsep tree to ours, node by node; any other node is an error. */
function admit(node: Parsed, depth: number, budget: { nodes: number }): ExpressionNode {
  const position = positionOf(node);
  const refuse = (found: string, expected: string, remedy: string): never => {
    throw new PolicyError({ position, found, expected, remedy });
  };
  if (depth > limits.depth) refuse("a deeper one", `at most ${limits.depth} levels of nesting`, "Write it flatter.");
  if (++budget.nodes > limits.nodes)
    refuse("more", `at most ${limits.nodes} operands, operators and functions`, "Write it shorter.");
  const child = (inner: unknown) => admit(inner as Parsed, depth + 1, budget);

  switch (node.type) {
    case "Literal":
      if (typeof node.value === "number") return { type: "number", value: node.value };
      return refuse(`“${String(node.raw)}”`, operand, "Write 1 for true and 0 for false.");
    case "Identifier": {
      const name = node.name as string;
      const variable = variables.get(name);
      if (variable) return { type: "variable", name: variable.name };
      if (constants.has(name)) return { type: "constant", name };
      const called = functions.get(name);
      if (called) return refuse(`“${name}”`, `its arguments`, `Write ${called.signature}.`);
      return refuse(
        `“${name}”`,
        `one of ${[...variables.keys(), ...constants.keys()].join(", ")} or a function`,
        suggest(name),
      );
    }
    case "UnaryExpression": {
      if (node.operator === "+") return admit(node.argument as Parsed, depth, budget);
      const operator = node.operator as string;
      if (operator !== "-" && operator !== "!") return refuse(`“${operator}”`, "- or !", "Remove it.");
      return { type: "unary", operator, argument: child(node.argument) };
    }
    case "BinaryExpression": {
      const operator = node.operator as BinaryOperator;
      const left = child(node.left);
      const right = child(node.right);
      if (isOrdering(operator) && left.type === "binary" && isOrdering(left.operator)) {
        return refuse("a comparison of a comparison", "two values to compare", "Write a < b && b < c.");
      }
      return { type: "binary", operator, left, right };
    }
    case "ConditionalExpression":
      return {
        type: "conditional",
        test: child(node.test),
        consequent: child(node.consequent),
        alternate: child(node.alternate),
      };
    case "CallExpression": {
      const name = (node.callee as jsep.Identifier).name;
      const called = functions.get(name);
      const values = node.arguments as Parsed[];
      if (!called)
        return refuse(`“${name}(”`, `one of the functions ${[...functions.keys()].join(", ")}`, suggest(name));
      const [fewest, most] = called.arity;
      if (values.length < fewest || values.length > most) {
        return refuse(
          `${values.length} of them`,
          `${most === fewest ? fewest : `${fewest} or more`} arguments of ${name}`,
          `Write ${called.signature}.`,
        );
      }
      return { type: "call", name, arguments: values.map(child) };
    }
    default: // `this` is the only other node that jsep can still return
      return refuse("“this”", operand, "Remove it.");
  }
}

const isOrdering = (operator: BinaryOperator) =>
  operator === "<" || operator === "<=" || operator === ">" || operator === ">=";

/** The start of a node; jsep's binary and conditional nodes start with their first operand. */
function positionOf(node: Parsed): number {
  let first = node;
  while (first.position === undefined) first = (first.left ?? first.test ?? first.callee) as Parsed;
  return first.position;
}

function suggest(name: string): string {
  const plain = (word: string) => word.toLowerCase().replaceAll("_", "");
  const known = [...variables.keys(), ...constants.keys(), ...functions.keys()];
  const meant = known.find((word) => plain(word) === plain(name)) ?? synonyms.get(name.toLowerCase());
  if (name === "Math") return "Name functions without “Math.”, as in sqrt(x).";
  return meant ? `Did you mean ${meant}?` : "Use one of these names.";
}

/** The number of nodes of a tree: the most that one evaluation costs. */
export function countNodes(node: ExpressionNode): number {
  return 1 + childrenOf(node).reduce((sum, inner) => sum + countNodes(inner), 0);
}

/** The variables that a tree reads. */
export function variablesIn(node: ExpressionNode): Set<VariableName> {
  if (node.type === "variable") return new Set([node.name]);
  return new Set(childrenOf(node).flatMap((inner) => [...variablesIn(inner)]));
}

function childrenOf(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.type) {
    case "unary":
      return [node.argument];
    case "binary":
      return [node.left, node.right];
    case "conditional":
      return [node.test, node.consequent, node.alternate];
    case "call":
      return node.arguments;
    default:
      return [];
  }
}
