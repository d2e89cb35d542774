/** Why a submission to the leaderboard is refused. */
import type { z } from "zod";
import type { Issue } from "@/lib/records";
import { issuesOf } from "@/lib/records";

export type RefusalReason =
  | "invalid"
  | "unknown-benchmark"
  | "unknown-policy"
  | "recipe-differs"
  | "dataset-differs"
  | "dataset-unavailable"
  | "method-differs"
  | "reproduction-differs"
  | "ticket-invalid"
  | "predictions-invalid"
  | "metrics-differ"
  | "run-differs"
  | "key-reused"
  | "key-of-another"
  | "name-taken"
  | "too-large"
  | "invalid-policy"
  | "no-trajectories"
  | "no-public-runs"
  | "scored-later"
  | "removed"
  | "too-many"
  | "not-appealable"
  | "unknown-subject"
  | "already-flagged";

/** An issue and its kind, which decides the status of the response. */
export interface Refusal extends Issue {
  reason: RefusalReason;
}

/** An idempotency key that its account sent before, with other content. */
export const reusedKey = {
  reason: "key-reused",
  field: "idempotencyKey",
  expected: "a key for this submission alone",
  found: "a key that you used for another submission",
  remedy: "Draw a new key, such as crypto.randomUUID(), and send the submission with it.",
} as const satisfies Refusal;

/**
 * A refusal for each issue with a value that failed to parse.
 * @param body the value before parsing
 */
export const invalid = (error: z.ZodError, body: unknown): [Refusal, ...Refusal[]] =>
  issuesOf(error, body).map((issue): Refusal => ({ reason: "invalid", ...issue })) as [Refusal, ...Refusal[]]; // an error has at least one
