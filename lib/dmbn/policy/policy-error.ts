/**
 * The error of the policy language: the field, what was found there, what was
 * expected, and what to write instead.
 */

/** What is wrong with one field of a policy document. */
export interface PolicyIssue {
  /** Field of the document, as in `candidates[3]`; empty for the document as a whole. */
  field: string;
  expected: string;
  found: string;
  remedy: string;
  /** Offset in UTF-16 units from the start of the expression or text; null if the issue is not about one character. */
  position: number | null;
  /** Where a schedule left [0, 1]: `step` from 1, `layer` from 0, the value as computed. */
  offence?: { step: number; layer: number; value: number };
}

export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly issue: PolicyIssue;

  /** Without `field` the error is about the whole document; without `position` it points at no character. */
  constructor({
    field = "",
    expected,
    found,
    remedy,
    position = null,
    offence,
  }: Omit<PolicyIssue, "field" | "position"> & Partial<PolicyIssue>) {
    const place = [field, position === null ? "" : `character ${position}`].filter(Boolean).join(", ");
    super(`${place ? `${place}: ` : ""}expected ${expected}, found ${found}. ${remedy}`);
    this.issue = { field, expected, found, remedy, position, ...(offence && { offence }) };
  }

  /** The same error at another field: the one that holds the expression. */
  at(field: string): PolicyError {
    return new PolicyError({ ...this.issue, field });
  }
}

/** Describes any JSON value in a few words; long text is truncated, so that no message grows with its input. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return `a value of type ${typeof value}`;
}
