/**
 * What a text looks like, for names that must not be mistaken for each other. Like the skeleton of Unicode's UTS #39,
 * with its table of confusable characters, but regardless of case, accents, spaces and punctuation.
 */
import "server-only";
import { confusables } from "./confusables";

/**
 * A key that two texts share if a reader could take one for the other: `DMBN`, `dmbn`, `ＤＭＢＮ`, `DМBN` with a Cyrillic
 * М, `D-M B\u200bN`. Never shown; empty for a text of spaces and punctuation alone.
 */
export function lookAlikeKey(text: string): string {
  const letters = text.normalize("NFKC").normalize("NFD").replace(withoutShape, "");
  return [...letters]
    .map(latin)
    .join("")
    .replace(/[\p{Z}\s]|(?![.,])\p{P}/gu, "")
    .replace(/(?<!\d)[.,]|[.,](?!\d)/g, "") // a decimal point counts
    .replaceAll("0", "o")
    .replace(/[1i|]/g, "l") // I and l look alike, and case doesn't count
    .replaceAll("m", "rn");
}

/** Accents, and characters that draw nothing: joiners, variation selectors, fillers, controls, blank Braille. */
const withoutShape = /[\p{M}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/gu;

/** The Latin text that a character looks like in either case; else the character in lower case. */
function latin(character: string): string {
  const lower = character.toLowerCase();
  return confusables.get(character) ?? boxed(character) ?? confusables.get(character.toUpperCase()) ?? lower;
}

/** Letters in circles, squares and as halves of flags, which compatibility decomposition leaves as they are. */
function boxed(character: string): string | null {
  const code = character.codePointAt(0)!;
  const first = [0x1f150, 0x1f170, 0x1f1e6].find((start) => code >= start && code < start + 26);
  return first === undefined ? null : String.fromCodePoint(0x61 + code - first);
}
