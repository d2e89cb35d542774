/**
 * Everything that comes in: each field of each schema of the endpoints, the exchange formats and the leaderboard is
 * found by walking the schemas, and given texts that could break a page, a file or the database.
 */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { endpoints } from "@/app/api/endpoints";
import * as leaderboard from "@/lib/leaderboard";
import * as records from "@/lib/records";
import { issuesOf } from "@/lib/records";

const unsafe = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Bidi_Control}]/u;

const texts = {
  NUL: "some text\0",
  BEL: "some\x07 text",
  BS: "some\x08 text",
  DEL: "some\x7f text",
  NEL: "some\x85text",
  "a high surrogate alone": "some text\ud83d",
  "a low surrogate alone": "\ude00 some text",
  "surrogates in the wrong order": "some \ude00\ud83d text",
  "right-to-left override": "some\u202etext",
  "right-to-left isolate": "some\u2067text",
  "left-to-right isolate": "some\u2066text",
  "first strong isolate": "some\u2068text",
  "pop directional isolate": "some text\u2069",
  "a paragraph separator": "some\u2029text",
  "a zero-width space alone": "\u200b",
  "zero-width joiners alone": "\u200d".repeat(20),
  "a byte order mark alone": "\ufeff",
  "Hangul fillers alone": "\u3164".repeat(20),
  "a noncharacter": "some text\ufffe",
  "a noncharacter of another plane": "some text\u{10ffff}",
  "a hundred thousand emoji": "😀".repeat(100_000),
  "many letters, which are base64 too": "x".repeat(200_000),
  decomposed: "cafe\u0301 cafe\u0301",
};

interface Field {
  path: string;
  schema: z.core.$ZodType;
}

/** Every schema inside one, itself first. */
function* fieldsIn(schema: z.core.$ZodType, path: string): Generator<Field> {
  yield { path, schema };
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case "object":
      for (const [name, field] of Object.entries(def.shape)) yield* fieldsIn(field, `${path}.${name}`);
      if (def.catchall) yield* fieldsIn(def.catchall, `${path}.*`);
      return;
    case "array":
      return yield* fieldsIn(def.element, `${path}[]`);
    case "record":
      yield* fieldsIn(def.keyType, `${path}.key`);
      return yield* fieldsIn(def.valueType, `${path}.*`);
    case "union":
      for (const option of def.options) yield* fieldsIn(option, path);
      return;
    case "tuple":
      for (const item of def.items) yield* fieldsIn(item, `${path}[]`);
      return;
    case "pipe":
      // A text that is split or converted is checked where it arrives, as a whole.
      // What is converted first is checked by what it is converted to.
      if (isTransform(def.in)) yield* fieldsIn(def.out, path);
      else if (!takesText(def.in)) yield* fieldsIn(def.in, path);
      return;
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "catch":
    case "readonly":
    case "nonoptional":
      return yield* fieldsIn(def.innerType, path);
    case "lazy":
      return yield* fieldsIn(def.getter(), path);
  }
}

const isTransform = (schema: z.core.$ZodType): boolean => (schema as z.core.$ZodTypes)._zod.def.type === "transform";

const takesText = (schema: z.core.$ZodType): boolean => {
  const { type } = (schema as z.core.$ZodTypes)._zod.def;
  return type === "string" || (type === "pipe" && takesText((schema as z.core.$ZodPipe)._zod.def.in));
};

/** Whatever takes any value, and so would take any text. */
const takesAnything = (schema: z.core.$ZodType): boolean =>
  ["unknown", "any", "custom", "file", "transform"].includes((schema as z.core.$ZodTypes)._zod.def.type);

const isSchema = (value: unknown): value is z.core.$ZodType =>
  typeof value === "object" && value !== null && "_zod" in value;

const requests = Object.entries(endpoints).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { description }]) =>
    Object.entries({ params: description.params, query: description.query, body: description.body?.schema })
      .filter((part): part is [string, z.ZodType] => part[1] !== undefined)
      .map(([part, schema]) => ({
        path: `${method} ${path}: ${part}`,
        schema: schema as z.core.$ZodType,
        secret: part === "body" ? (description.body?.secret ?? []) : [],
      })),
  ),
);
const formats = Object.entries<unknown>({ ...records, ...leaderboard }).flatMap(([path, schema]) =>
  // An issue goes out and quotes what came in, escaped.
  isSchema(schema) && path !== "issueSchema" ? [{ path, schema, secret: [] as readonly string[] }] : [],
);
const roots = [...requests, ...formats];
const all = roots.flatMap(({ path, schema, secret }) =>
  [...fieldsIn(schema, path)].map((field) => ({
    ...field,
    secret: secret.some((name) => field.path.endsWith(`.${name}`)),
  })),
);
const textFields = all.filter(({ schema }) => takesText(schema));

/** Every text in a value. */
const textsIn = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)])
      : [];

/** What is wrong with how a field takes `text`; null if it refuses or mends it. */
function fault({ schema, secret }: (typeof all)[number], text: string): string | null {
  const result = z.safeParse(schema, text);
  if (!result.success) return null;
  const taken = textsIn(result.data);
  if (taken.some((part) => unsafe.test(part))) return "takes it";
  if (taken.some((part) => part.length > 0 && !/[\p{L}\p{N}\p{P}\p{S}]/u.test(part))) return "takes it, invisible";
  if (taken.some((part) => part.length > 100_000)) return "takes it, however long";
  return !secret && taken.some((part) => part !== part.normalize("NFC")) ? "leaves it decomposed" : null;
}

describe("each text that comes in", () => {
  it("is found by walking the schemas", () => {
    const names = textFields.map(({ path }) => path);
    for (const known of [
      "GET /api/v1/search: query.q",
      "GET /api/v1/users/{name}: params.name",
      "POST /api/v1/policies: body.reference.title",
      "POST /api/v1/runs: body.record.manifest.backend.adapter",
      "POST /api/v1/runs: body.predictions.key",
      "runRecordSchema.scores[].edgeOfGrid[]",
    ])
      expect(names).toContain(known);
    const planted = z.object({ a: z.array(z.union([z.number(), z.string().optional()])) });
    const [found] = [...fieldsIn(planted, "planted")].filter(({ schema }) => takesText(schema));
    expect(found?.path).toBe("planted.a[]");
    expect(fault({ ...found!, secret: false }, texts.NUL)).toBe("takes it");
  });

  it.each(Object.entries(texts))("is refused or mended with %s", (_name, text) => {
    expect(
      textFields.filter((field) => fault(field, text)).map((field) => `${field.path} ${fault(field, text)}`),
    ).toEqual([]);
  });

  it("takes emoji up to its length in code points, and not one more", () => {
    const free = textFields.filter(({ schema }) => z.safeParse(schema, "😀".repeat(12)).success);
    expect(free.length).toBeGreaterThan(20);
    for (const { path, schema } of free) {
      const { maxLength } = z.toJSONSchema(schema as z.ZodType, { io: "input" });
      expect(maxLength, path).toBeTypeOf("number");
      expect(z.safeParse(schema, "😀".repeat(maxLength!)).success, path).toBe(true);
      expect(z.safeParse(schema, "😀".repeat(maxLength! + 1)).success, path).toBe(false);
    }
  });

  it("is the only way in: nothing takes any value but a policy's document, which the language parses", () => {
    const open = all.filter(({ schema }) => takesAnything(schema)).map(({ path }) => path);
    expect(open).toContain("POST /api/v1/policies: body.document");
    expect(open.filter((path) => !/\bdocument(\.\*)?$/.test(path))).toEqual([]);
  });
});

it("no schema says what it expected in zod's words, whatever it is given", () => {
  const values = [
    undefined,
    null,
    true,
    "",
    "x",
    "\0",
    -1,
    0.5,
    1e9,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    [],
    [[]],
    [null],
    {},
    { x: 1 },
    new Array(500).fill("x"),
  ];
  let issues = 0;
  for (const { path, schema } of all)
    for (const value of values) {
      const { error } = z.safeParse(schema as z.ZodType, value);
      for (const { expected } of error ? issuesOf(error as z.ZodError, value) : []) {
        issues += 1;
        expect(expected, path).not.toMatch(/invalid|received|expected|too (small|big)|unrecognized|must |[<>]=|NaN/i);
      }
    }
  expect(issues).toBeGreaterThan(1000);
});
