/**
 * Reads the policy being edited. The JSON text is what is stored; the form's fields are a view of it. Reading never
 * throws: it returns the issue and its position.
 */
import type { MomentumPolicy, PolicyIssue, RunShape } from "@/lib/dmbn/policy";
import { checkMomentum, maxDocumentCharacters, PolicyError, parsePolicyText } from "@/lib/dmbn/policy";

export type PolicyKind = MomentumPolicy["kind"];

/** A document as typed: valid or not, its expressions in their original spelling. */
export type RawDocument = Readonly<Record<string, unknown>>;

export interface Reading {
  /** The text as a JSON object; null if it isn't one. */
  raw: RawDocument | null;
  /** Null if the text is not a valid policy. */
  policy: MomentumPolicy | null;
  /** Its position is within the field's expression, or within the text if it has no field. */
  issue: PolicyIssue | null;
}

/**
 * Longer texts are not parsed. Below this limit the form's fields still work, so that an overlong value can be
 * shortened there.
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

/** Pretty-prints a document: two spaces, one field per line. */
export const write = (document: RawDocument | MomentumPolicy): string => JSON.stringify(document, null, 2);

/** `raw` with one field changed; undefined removes the field, so that its default applies. */
export function withField(raw: RawDocument, field: string, value: unknown): string {
  return write({ ...raw, [field]: value });
}

/** The non-empty lines of a list: one expression each. */
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

/** Where the text stops being JSON, if the JavaScript engine reports it; otherwise null. */
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
