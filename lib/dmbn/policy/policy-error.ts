/**
 * The one error of the policy language: where the document went wrong, what
 * stood there, what would have been right, and what to write instead.
 */

export interface PolicyFault {
  /** Field of the document, `candidates[3]`; empty where the document as a whole is wrong. */
  path?: string;
  /** Offset in UTF-16 units from the start of the expression or text; null where no character is to blame. */
  position?: number | null;
  found: string;
  expected: string;
  remedy: string;
  /** Where a schedule left [0, 1]: `step` from 1, `layer` from 0, the value as computed. */
  offence?: { step: number; layer: number; value: number } | undefined;
}

export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly path: string;
  readonly position: number | null;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
  readonly offence: PolicyFault["offence"];

  constructor({ path = "", position = null, found, expected, remedy, offence }: PolicyFault) {
    const place = [path, position === null ? "" : `character ${position}`].filter(Boolean).join(", ");
    super(`${place ? `${place}: ` : ""}expected ${expected}, found ${found}. ${remedy}`);
    this.path = path;
    this.position = position;
    this.found = found;
    this.expected = expected;
    this.remedy = remedy;
    this.offence = offence;
  }

  /** The same error, blamed on the field `path`. */
  at(path: string): PolicyError {
    return new PolicyError({ ...this, path });
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
