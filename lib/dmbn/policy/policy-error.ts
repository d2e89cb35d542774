/**
 * The one error of the policy language: where the document went wrong, what
 * stood there, what would have been right, and what to write instead.
 */

/** What is wrong with one field of a policy document. */
export interface PolicyIssue {
  /** Field of the document, `candidates[3]`; empty where the document as a whole is wrong. */
  field: string;
  expected: string;
  found: string;
  remedy: string;
  /** Offset in UTF-16 units from the start of the expression or text; null where no character is to blame. */
  position: number | null;
  /** Where a schedule left [0, 1]: `step` from 1, `layer` from 0, the value as computed. */
  offence?: { step: number; layer: number; value: number };
}

export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly issue: PolicyIssue;

  /** Without a field it is about the document as a whole, without a position no character is to blame. */
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

  /** The same error, about the field `field`. */
  at(field: string): PolicyError {
    return new PolicyError({ ...this.issue, field });
  }
}

/** Names any JSON value in a few words; long text is cut, so a message never grows with its input. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return `a value of type ${typeof value}`;
}
