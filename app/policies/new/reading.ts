/**
 * The policy being written, as text: the JSON document is what is stored, the form's fields are a view of it. Reading
 * never throws; it says what is wrong and where.
 */
import type { MomentumPolicy, PolicyIssue, RunShape } from "@/lib/dmbn/policy";
import { checkMomentum, maxDocumentCharacters, PolicyError, parsePolicyText } from "@/lib/dmbn/policy";

export type PolicyKind = MomentumPolicy["kind"];

/** A document as it was typed: right or wrong, its expressions as they were spelt. */
export type RawDocument = Readonly<Record<string, unknown>>;

export interface Reading {
  /** The text as a JSON object; null where it is none. */
  raw: RawDocument | null;
  /** Null where the text is no policy that can run. */
  policy: MomentumPolicy | null;
  /** Its position is within the field's expression, or within the text where it has no field. */
  issue: PolicyIssue | null;
}

/**
 * Longer texts are no document that anybody writes; a shorter one keeps its fields in sight, so that what is too long
 * can be cut there.
 */
const readableCharacters = 1_000_000;

/** Reads `text`; with `run`, also checks β over that run's whole length. */
export function read(text: string, run: RunShape | null): Reading {
  const raw = text.length > readableCharacters ? null : objectOf(text);
  try {
    const policy = parsePolicyText(text);
    if (run) checkMomentum(policy, run);
    return { raw, policy, issue: null };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const position = raw || text.length > maxDocumentCharacters ? error.issue.position : jsonErrorPosition(text);
    return { raw, policy: null, issue: { ...error.issue, position } };
  }
}

/** How a document is written out: two spaces, a field a line. */
export const write = (document: RawDocument | MomentumPolicy): string => JSON.stringify(document, null, 2);

/** `raw` with one field changed; undefined takes the field out, so that its default holds. */
export function withField(raw: RawDocument, field: string, value: unknown): string {
  return write({ ...raw, [field]: value });
}

/** The lines of a list that say something: one expression each. */
export const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");

/** Offset of entry `index`, character `position`, in a list of one expression a line. */
export function offsetInLines(text: string, index: number, position: number): number {
  let from = 0;
  let entry = -1;
  for (const line of text.split("\n")) {
    if (line.trim() !== "" && ++entry === index) return from + Math.min(position, line.length);
    from += line.length + 1;
  }
  return text.length;
}

function objectOf(text: string): RawDocument | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as RawDocument) : null;
  } catch {
    return null;
  }
}

/** Where the text stops being JSON, as far as the engine says so; null where it does not. */
function jsonErrorPosition(text: string): number | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message)?.[1];
    if (position !== undefined) return Math.min(Number(position), text.length);
    const place = /line (\d+) column (\d+)/.exec(message);
    if (place)
      return (
        text
          .split("\n")
          .slice(0, Number(place[1]) - 1)
          .reduce((sum, line) => sum + line.length + 1, 0) +
        Number(place[2]) -
        1
      );
    return /end of (JSON|data|input)/i.test(message) ? text.length : null;
  }
}
