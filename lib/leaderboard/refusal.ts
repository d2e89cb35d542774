/**
 * Why something sent to the leaderboard is not taken: which field, what was
 * expected, what was found, and how to mend it.
 */
import type { z } from "zod";

export type RefusalReason =
  | "invalid"
  | "unknown-benchmark"
  | "unknown-policy"
  | "recipe-differs"
  | "dataset-differs"
  | "dataset-unavailable"
  | "method-differs"
  | "reproduction-differs"
  | "predictions-invalid"
  | "metrics-differ"
  | "key-reused"
  | "key-of-another"
  | "name-taken"
  | "too-large"
  | "invalid-policy"
  | "no-trajectories"
  | "removed"
  | "too-many"
  | "unknown-subject"
  | "already-flagged";

export interface Refusal {
  reason: RefusalReason;
  /** Path of the field, `record.scores[2].accuracy`; empty for the whole body. */
  field: string;
  expected: string;
  found: string;
  remedy: string;
  /** Of the character to blame, where the field is an expression: UTF-16 units from its start. */
  position?: number | null | undefined;
  /** Where a policy's β left [0, 1]: `step` from 1, `layer` from 0. */
  offence?: { step: number; layer: number; value: number } | undefined;
}

/**
 * A refusal for each thing wrong with a value that was parsed.
 * @param body the value before parsing
 */
export function invalid(error: z.ZodError, body: unknown): Refusal[] {
  return error.issues.flatMap((issue) => {
    // Names of unknown keys are told one by one, at their own address.
    const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => ({
      reason: "invalid" as const,
      field: fieldName(path),
      expected:
        issue.code === "unrecognized_keys"
          ? "no such field"
          : issue.message.replace(/^Invalid input: expected /, "").replace(/, received .*$/, ""),
      found: describe(path.reduce<unknown>((value, key) => (isObject(value) ? value[key as string] : undefined), body)),
      remedy: "Correct this field and send it all again; nothing was stored.",
    }));
  });
}

/** `["record", "scores", 2, "esm"]` → `record.scores[2].esm`. */
function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`))
    .join("");
}

/** A value in few words. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value); // JSON has no Infinity
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
