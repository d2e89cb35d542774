/**
 * JSON as RFC 8259 defines it, read more strictly than `JSON.parse`: every error has its place, and a name used twice
 * in one object is an error.
 */

/** Deeper nesting is refused: nothing here needs it, and it would exhaust the stack. */
const DEEPEST = 256;

/** Text that isn't JSON, or that names a field twice. */
export class JsonError extends Error {
  override name = "JsonError";
  readonly line: number;
  readonly column: number;

  /** @param position of the character to blame, from 0 */
  constructor(
    text: string,
    readonly position: number,
    readonly expected: string,
    readonly found: string,
  ) {
    const before = text.slice(0, position);
    const line = before.split("\n").length;
    const column = position - before.lastIndexOf("\n");
    super(`expected ${expected} in line ${line}, column ${column}, found ${found}`);
    this.line = line;
    this.column = column;
  }
}

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const opened = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*/y;
const word = /true|false|null/y;
const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/**
 * The value of a JSON text.
 * @throws JsonError
 */
export function parseJson(text: string): unknown {
  let at = 0;

  const fail = (expected: string, position = at, found?: string): never => {
    const next = text.codePointAt(position);
    const shown = next === undefined ? "the end" : JSON.stringify(String.fromCodePoint(next));
    throw new JsonError(text, position, expected, found ?? shown);
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const take = (character: string): boolean => {
    match(space);
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  const readString = (): string => {
    const quoted = match(opened) ?? fail("a name in double quotes");
    if (text[at] !== '"') fail(text[at] === "\\" ? "an escape such as \\n or \\u00e9" : "a closing double quote");
    at++;
    return JSON.parse(`${quoted}"`);
  };

  const read = (depth: number): unknown => {
    match(space);
    if (depth > DEEPEST) fail(`at most ${DEEPEST} levels of nesting`);
    switch (text[at]) {
      case "{":
        at++;
        return readObject(depth + 1);
      case "[":
        at++;
        return readArray(depth + 1);
      case '"':
        return readString();
    }
    const named = match(word);
    if (named !== undefined) return words[named];
    return Number(match(number) ?? fail("a JSON value"));
  };

  const readArray = (depth: number): unknown[] => {
    const values: unknown[] = [];
    if (take("]")) return values;
    do values.push(read(depth));
    while (take(","));
    if (!take("]")) fail('"," or "]"');
    return values;
  };

  const readObject = (depth: number): object => {
    const fields = new Map<string, unknown>();
    if (take("}")) return {};
    do {
      match(space);
      const from = at;
      const name = readString();
      if (fields.has(name)) fail("each name once in an object", from, `${JSON.stringify(name)} again`);
      if (!take(":")) fail('":"');
      fields.set(name, read(depth));
    } while (take(","));
    if (!take("}")) fail('"," or "}"');
    return Object.fromEntries(fields); // defines even __proto__ as a field like any other
  };

  const value = read(0);
  match(space);
  if (at < text.length) fail("the end");
  return value;
}
