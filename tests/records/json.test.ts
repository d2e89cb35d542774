import fc from "fast-check";
import { expect, it } from "vitest";
import { JsonError, parseDecimal, parseJson } from "@/lib/records";

/** What JSON.parse makes of a text; undefined where it refuses it. */
function standard(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

it("reads whatever JSON.stringify writes, to the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});

it("refuses exactly what JSON.parse refuses, and names used twice, with a place inside the text", () => {
  const damaged = fc
    .tuple(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.string({ unit: fc.constantFrom(...'{}[],:"\\ -01.eEtnu\n\u0001'.split("")) }),
    )
    .map(([text, at, piece]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + piece + text.slice(place + (at % 3));
    });
  fc.assert(
    fc.property(damaged, (text) => {
      try {
        expect(parseJson(text)).toEqual(standard(text));
      } catch (error) {
        if (!(error instanceof JsonError)) throw error;
        expect(error.position).toBeLessThanOrEqual(text.length);
        if (!error.found.endsWith(" again")) expect(standard(text)).toBeUndefined();
      }
    }),
    { numRuns: 5000 },
  );
});

it.each([
  ["", "expected a JSON value in line 1, column 1, found the end"],
  ['{"a": 1,}', 'expected a name in double quotes in line 1, column 9, found "}"'],
  ['{\n  "a": 1\n  "b": 2\n}', 'expected "," or "}" in line 3, column 3, found "\\""'],
  ['{"a": 1, "a": 2}', 'expected each name once in an object in line 1, column 10, found "a" again'],
  ['{"a": 01}', 'expected "," or "}" in line 1, column 8, found "1"'],
  ['"\\x"', 'expected an escape such as \\n or \\u00e9 in line 1, column 2, found "\\\\"'],
  ['"a\nb"', 'expected a closing double quote in line 1, column 3, found "\\n"'],
  ["[".repeat(1000), 'expected at most 256 levels of nesting in line 1, column 258, found "["'],
  ["{} 𝒳", 'expected the end in line 1, column 4, found "𝒳"'],
])("says where %j stops being JSON", (text, message) => {
  expect(() => parseJson(text)).toThrow(message);
});

it("keeps __proto__ as a name like any other", () => {
  const value = parseJson('{"__proto__": {"a": 1}}') as object;
  expect(Object.entries(value)).toEqual([["__proto__", { a: 1 }]]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

it("reads decimal numbers and nothing else", () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
      expect(parseDecimal(` ${value} `)).toBe(Number(String(value)));
    }),
    { numRuns: 1000 },
  );
  for (const text of [
    "",
    " ",
    "0x10",
    "0b1",
    "0o7",
    "1_000",
    "1,5",
    "Infinity",
    "NaN",
    "1e400",
    "-1e400",
    "1e-400",
    "1e",
    "١",
  ])
    expect(parseDecimal(text), text).toBeNull();
  for (const [text, value] of [
    ["0e-400", 0],
    [".5", 0.5],
    ["5.", 5],
    ["+1E-3", 0.001],
    ["4.9e-324", 5e-324],
  ] as const)
    expect(parseDecimal(text), text).toBe(value);
});
