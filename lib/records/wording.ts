/**
 * What a schema expected, in our own words: a phrase that reads on after "expected". Importing the room makes
 * it the message of every zod issue whose schema has none of its own.
 */
import { z } from "zod";

z.config({ localeError: expectedBy });

/** The phrase for an issue, such as `a whole number`, `at least 2 entries` or `one of "closed", "open"`. */
function expectedBy(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return types[issue.expected] ?? `a value of type ${issue.expected}`;
    case "invalid_value":
      return oneOf((issue.values ?? []).map(literal));
    case "too_small":
      return limit(issue.origin, issue.minimum, issue.exact ? "exactly" : issue.inclusive ? "at least" : "more than");
    case "too_big":
      return limit(issue.origin, issue.maximum, issue.exact ? "exactly" : issue.inclusive ? "at most" : "less than");
    case "invalid_format":
      return formats[issue.format] ?? `a text of the form ${issue.pattern ?? issue.format}`;
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "unrecognized_keys":
      return "no such field";
    case "invalid_key":
      return `a name that is ${issue.issues[0]?.message ?? "valid"}`;
    case "invalid_element":
      return issue.issues[0]?.message ?? "a valid entry";
    case "invalid_union":
      return Array.isArray(issue.options)
        ? oneOf(issue.options.map(literal))
        : [...new Set(issue.errors.flatMap(([first]) => first?.message ?? []))].join(" or ") || "a valid value";
    default:
      return "a valid value";
  }
}

const types: Readonly<Record<string, string>> = {
  array: "a list",
  bigint: "a whole number",
  boolean: "true or false",
  date: "a date",
  int: "a whole number",
  never: "nothing here",
  nonoptional: "a value",
  null: "null",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "a text",
  tuple: "a list",
  undefined: "nothing here",
};

const formats: Readonly<Record<string, string>> = {
  base64: "base64",
  datetime: "a date and time in ISO 8601",
  url: "a web address",
  uuid: "a UUID",
};

const units: Readonly<Record<string, readonly [one: string, many: string]>> = {
  array: ["entry", "entries"],
  string: ["character", "characters"],
};

function limit(origin: string, bound: number | bigint, comparison: string): string {
  const [one, many] = units[origin] ?? [];
  return [comparison, bound, Number(bound) === 1 ? one : many].filter((part) => part !== undefined).join(" ");
}

/** A value as in JSON, a plain word without quotes. */
const literal = (value: unknown): string =>
  typeof value === "string" && /^[\w.-]+$/.test(value) ? value : (JSON.stringify(value) ?? "nothing");

const oneOf = (values: readonly string[]): string => (values.length === 1 ? values[0]! : `one of ${values.join(", ")}`);
