/**
 * An issue with one field of something that was sent, typed or read: what was expected there, what was found, and how
 * to fix it. The API returns issues in this form.
 */
import { z } from "zod";
import { escapeUnsafe } from "./text";

export const issueSchema = z.object({
  field: z.string().describe("Path of the field, such as `record.scores[2].accuracy`; empty for the whole body"),
  expected: z.string(),
  found: z.string(),
  remedy: z.string(),
  position: z.int().nullable().optional().describe("Of the character to blame, where the field is an expression"),
  offence: z
    .object({ step: z.int(), layer: z.int(), value: z.number() })
    .optional()
    .describe("Where a policy's β left [0, 1]"),
});

export type Issue = z.infer<typeof issueSchema>;

/** The most issues of one value that are reported: a list of thousands may be wrong in every entry. */
export const mostIssues = 100;

/** The first issues with `value`, which a schema rejected with `error`. */
export function issuesOf(error: z.ZodError, value: unknown): Issue[] {
  const issues = error.issues.slice(0, mostIssues).flatMap((issue) => {
    // One issue for each unknown key, at its own path.
    const paths =
      issue.code === "unrecognized_keys"
        ? issue.keys.slice(0, mostIssues).map((key) => [...issue.path, key])
        : [issue.path];
    const own: Partial<Issue> = (issue.code === "custom" && issue.params) || {};
    return paths.map((path) => ({
      field: fieldName(path),
      expected: issue.message,
      found:
        own.found ??
        describeValue(
          path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key as string] : undefined), value),
        ),
      remedy: own.remedy ?? "Correct this field and send it all again; nothing was stored.",
    }));
  });
  return issues.slice(0, mostIssues);
}

/** An issue in one line. An empty field is called `body`. */
export const formatIssue = ({ field, expected, found, remedy }: Issue): string =>
  `${field || "body"}: expected ${expected}, found ${found}. ${remedy}`;

/** A value in at most 120 characters, those that no text may hold escaped. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value); // JSON has no Infinity
  const text = escapeUnsafe(JSON.stringify(value));
  const characters = [...text.slice(0, 240)];
  return characters.length > 120 ? `${characters.slice(0, 117).join("")}…` : text;
}

/** `["record", "scores", 2, "esm"]` → `record.scores[2].esm`; each name in at most 80 characters. */
function fieldName(path: readonly PropertyKey[]): string {
  const parts = path.map((key, i) =>
    typeof key === "number"
      ? `[${key}]`
      : `${i === 0 ? "" : "."}${[...String(key).slice(0, 160)].slice(0, 80).join("")}`,
  );
  return escapeUnsafe(parts.join(""));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
