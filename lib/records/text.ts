/**
 * The type of every text that comes in: well-formed Unicode in NFC, with something visible and nothing that changes
 * how the text around it is read, so that any page, table, file or terminal can show it.
 */
import { z } from "zod";

/**
 * Never in a text: control characters, halves of surrogate pairs, noncharacters, separators of lines and paragraphs,
 * and marks that turn the direction of what follows (Unicode Annex 9).
 */
const unsafe = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Bidi_Control}]/gu;

/** The same, but for tabs and new lines. */
const unsafeInLines = new RegExp(`(?![\\t\\n])${unsafe.source}`, "gu");

/** Letters, digits, punctuation and symbols that leave ink: not Braille's blank, nor music's null notehead. */
const visible = /(?![\p{Default_Ignorable_Code_Point}\u2800\u{1d159}])[\p{L}\p{N}\p{P}\p{S}]/u;

interface TextLimits {
  /** The least length in code points; with 0 a text may be empty. Default: 1. */
  min?: number;
  /** The greatest length in code points. */
  max: number;
  /** Whether tabs and new lines are allowed. */
  lines?: boolean;
  /** Kept as typed, for passwords: neither trimmed nor normalized. */
  verbatim?: boolean;
}

/** The schema of a text. Its result is trimmed and in NFC; its length is counted in code points. */
export function textSchema({ min = 1, max, lines = false, verbatim = false }: TextLimits): z.ZodString {
  return z
    .string()
    .overwrite((text) => (verbatim ? text : tidy(text, lines)))
    .check(({ value, issues }) => {
      const problem = problemOf(value, { min, max, lines });
      if (problem) issues.push({ code: "custom", input: value, message: problem.expected, params: problem });
    })
    .meta({ ...(min > 0 && { minLength: min }), maxLength: max });
}

/** The length of a text as limits and messages give it, in code points. */
export const characterCount = (text: string): number => [...text].length;

/** Whether a text may be looked up: one that no schema lets in names nothing, and PostgreSQL can't even hold all. */
export const isText = (text: string): boolean => problemOf(text, { min: 1, max: 512, lines: false }) === null;

/**
 * A text that is recorded as it was reported, such as the name of a GPU by its driver, as `textSchema` would take it:
 * U+FFFD in place of each character that is not allowed, and at most `max` code points.
 */
export const repairText = (text: string, max = Number.POSITIVE_INFINITY): string =>
  [...text.normalize("NFC").replace(unsafe, "\ufffd")].slice(0, max).join("").trim();

/** Writes characters that a text may not hold as `\u{…}`, for messages that quote any text. */
export const escapeUnsafe = (text: string): string => text.replace(unsafe, (char) => `\\u{${codeOf(char)}}`);

const tidy = (text: string, lines: boolean): string =>
  (lines ? text.replace(/\r\n?/g, "\n") : text).normalize("NFC").trim();

function problemOf(
  text: string,
  { min, max, lines }: Required<Pick<TextLimits, "min" | "max" | "lines">>,
): { expected: string; found?: string; remedy: string } | null {
  const tooLong = { expected: `at most ${max} characters`, remedy: "Write less." };
  // A code point has at most two units, so this need not be counted.
  if (text.length > 4 * max) return { ...tooLong, found: `more than ${2 * max} characters` };
  const length = characterCount(text);
  if (length > max) return { ...tooLong, found: `${length} characters` };
  const [char] = text.match(lines ? unsafeInLines : unsafe) ?? [];
  if (char !== undefined)
    return {
      expected: "no control characters, direction marks or halves of surrogate pairs",
      remedy: `Remove U+${codeOf(char).toUpperCase().padStart(4, "0")}.`,
    };
  if (length === 0 && min === 0) return null;
  if (!visible.test(text)) return { expected: "a text with something visible", remedy: "Write something." };
  return length < min
    ? { expected: `at least ${min} characters`, found: `${length} characters`, remedy: "Write more." }
    : null;
}

const codeOf = (char: string): string => char.codePointAt(0)!.toString(16);
