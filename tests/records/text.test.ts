/** The one type of every text that comes in, and our own words for what a schema expected. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { issuesOf, repairText, textSchema } from "@/lib/records";

const short = textSchema({ max: 8 });
const lines = textSchema({ max: 20, lines: true });
const issueOf = (schema: z.ZodType, value: unknown) => issuesOf(schema.safeParse(value).error!, value)[0];

describe("a text", () => {
  it.each([
    "a\0b",
    "\x07x",
    "\bx",
    "a\x7fb",
    "a\x85b",
    "\ud800x",
    "x\udfff",
    "a\u202eb",
    "\u2066x",
    "a\u200fb",
    "x\ufffe",
    "a\u{1ffff}b",
    "a\u2028b",
  ])("refuses %j, in one line and in several", (text) => {
    for (const schema of [short, lines])
      expect(issueOf(schema, text)).toMatchObject({
        expected: "no control characters, direction marks or halves of surrogate pairs",
        remedy: expect.stringMatching(/^Remove U\+[0-9A-F]{4,5}\.$/),
      });
  });

  it.each(["", "  ", "\u200b", "\ufeff", "\u2800", "\u3164 \u00ad", "\u0301"])(
    "refuses %j: nothing is visible",
    (text) => {
      expect(issueOf(short, text)?.expected).toBe("a text with something visible");
    },
  );

  it("counts code points, after it is trimmed and in NFC", () => {
    expect(short.parse("😀".repeat(8))).toBe("😀".repeat(8));
    expect(issueOf(short, "😀".repeat(9))).toMatchObject({ expected: "at most 8 characters", found: "9 characters" });
    expect(short.parse(`  ${"e\u0301".repeat(8)} `)).toBe("é".repeat(8));
    expect(short.parse("👩‍👩‍👧")).toBe("👩‍👩‍👧"); // joiners inside an emoji stay
  });

  it("has lines and tabs only where they are allowed", () => {
    expect(short.safeParse("a\nb").success).toBe(false);
    expect(lines.parse("a\r\nb\rc\td\n")).toBe("a\nb\nc\td");
  });

  it("may be empty where its least length is 0, and is kept as typed where it is a password", () => {
    expect(textSchema({ min: 0, max: 8 }).parse("  ")).toBe("");
    expect(textSchema({ max: 8, verbatim: true }).parse(" e\u0301 ")).toBe(" e\u0301 ");
  });

  it("shows what it found without the characters that it refuses", () => {
    expect(issueOf(short, "a\u202eb")?.found).toBe('"a\\u{202e}b"');
  });

  it("tells its length to JSON Schema, which counts code points too", () => {
    expect(z.toJSONSchema(textSchema({ min: 2, max: 8 }).describe("A name"), { io: "input" })).toMatchObject({
      description: "A name",
      minLength: 2,
      maxLength: 8,
    });
  });

  it("is what repairing any text gives, if something is left of it", () => {
    const visible = fc.string({ unit: "binary" }).map((text) => `x${text}`);
    fc.assert(
      fc.property(visible, fc.integer({ min: 1, max: 30 }), (text, max) => {
        const repaired = repairText(text, max);
        expect(textSchema({ max }).parse(repaired)).toBe(repaired);
      }),
      { numRuns: 2000 },
    );
  });

  it("is accepted again unchanged, once it was accepted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { data } = lines.safeParse(text);
        if (data !== undefined) expect(lines.parse(data)).toBe(data);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the words for what a schema expected", () => {
  it.each<[string, z.ZodType, unknown]>([
    ["at least 0", z.number().min(0), -1],
    ["more than 0", z.number().gt(0), 0],
    ["at most 1", z.number().max(1), 2],
    ["a whole number", z.int(), 0.5],
    ["at most 9007199254740991", z.int(), 2 ** 60],
    ["a number", z.number(), "1"],
    ["a number", z.number(), Number.POSITIVE_INFINITY],
    ["one of closed, open", z.enum(["closed", "open"]), "x"],
    ["1", z.literal(1), 2],
    ["true or false", z.boolean(), 0],
    ["a list", z.array(z.number()), {}],
    ["at least 2 entries", z.array(z.number()).min(2), [1]],
    ["at least 1 entry", z.array(z.number()).min(1), []],
    ["exactly 3 entries", z.array(z.number()).length(3), []],
    ["an object", z.object({}), []],
    ["a number or null", z.union([z.number(), z.null()]), "x"],
    ["at most 1", z.union([z.number().max(1), z.string()]), 2],
    [
      "one of a, b",
      z.discriminatedUnion("kind", [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })]),
      { kind: "c" },
    ],
    ["a UUID", z.uuid(), "x"],
    ["a web address", z.url(), "x"],
    ["base64", z.base64(), "ä"],
    ["no such field", z.strictObject({}), { a: 1 }],
    ["a name that is at most 2 characters", z.record(textSchema({ max: 2 }), z.number()), { abc: 1 }],
    ["a multiple of 2", z.number().multipleOf(2), 3],
  ])("%s", (words, schema, value) => {
    expect(issueOf(schema, value)?.expected).toBe(words);
  });
});
