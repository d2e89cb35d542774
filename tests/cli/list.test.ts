import fc from "fast-check";
import { expect, it } from "vitest";
import { readList, splitList } from "@/lib/cli/list";

/** Text in which everything that a splitter looks at is frequent. */
const anyText = fc.string({ unit: fc.constantFrom(..."ab ,,,()[]{}\"'".split("")), maxLength: 40 });

/** A balanced expression with commas inside its brackets only. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("step", "0.9", "1 - 1/step", "bob's.json"),
    fc
      .tuple(fc.constantFrom("min()", "max()", "[]", "{}"), fc.array(tie("expression"), { minLength: 1, maxLength: 3 }))
      .map(([brackets, inner]) => `${brackets.slice(0, -1)}${inner.join(", ")}${brackets.at(-1)}`),
  ),
}));

it("gives the text again where its parts are joined, whatever the text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(splitList(text).join(",")).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

it("gives the entries that were joined: expressions as they are, any name in quotes", () => {
  const quoted = (name: string, quote: string) => quote + name.replaceAll(quote, quote + quote) + quote;
  const entry = fc.oneof(
    expression.map((text) => [text, text] as const),
    fc.tuple(anyText, fc.constantFrom('"', "'")).map(([name, quote]) => [name, quoted(name, quote)] as const),
  );
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(",", ", ", " , "),
      (entries, comma) => {
        expect(readList(entries.map(([, written]) => written).join(comma))).toEqual(entries.map(([name]) => name));
      },
    ),
    { numRuns: 2000 },
  );
});

it.each([
  ["dmbn, min(0.99, (1 + step) / (10 + step)),0.9", ["dmbn", "min(0.99, (1 + step) / (10 + step))", "0.9"]],
  [`"one, two.json",bob's.json,'a "b", c'`, ["one, two.json", "bob's.json", 'a "b", c']],
  ["min(0.9, step", ["min(0.9, step"]],
  ["a),b", ["a)", "b"]],
  ["", [""]],
])("reads %j", (text, entries) => {
  expect(readList(text)).toEqual(entries);
});
