/** Refuses passwords that are guessed first: common ones, patterns, and the account's own name. */
import "server-only";
import { commonPasswords } from "./common-passwords";

/** The site's own name, which leaked lists lack. */
const siteName = "dmbench";

/**
 * What is expected instead of a password that is easily guessed; null for any other. Compared in any case and Unicode
 * composition, as the stored key depends on neither more than that.
 * @param name of the account
 */
export function expectedInsteadOf(password: string, name: string): string | null {
  const text = password.normalize("NFKC").toLowerCase();
  if (/^(.{1,4}?)\1+.{0,3}$/su.test(text) || isSequence(text))
    return "a password that is no repetition and no sequence of characters";
  const words = [text, plain(text), withoutEnds(text), withoutEnds(plain(text))].filter((word) => word !== "");
  if (words.some((word) => word.replaceAll(name, "") === "" || word === withoutEnds(name)))
    return "a password other than the account's name";
  if (words.some((word) => word === siteName || commonPasswords.has(word)))
    return "a password that is not one of the most common";
  return null;
}

/** What to do about such a password. */
export const passwordRemedy = "Choose another one: several words that don't belong together are hard to guess.";

/** `password` of ` Password1! `: people decorate a word with digits and punctuation. */
const withoutEnds = (text: string): string => text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");

/** `password` of `p@$$w0rd`. */
const plain = (text: string): string =>
  text.replace(/[@4031!$5]/g, (character) => letters[character as keyof typeof letters]);

const letters = { "@": "a", "4": "a", "0": "o", "3": "e", "1": "i", "!": "i", $: "s", "5": "s" };

/** `abcdefgh`, `87654321`: each character follows the one before it, or precedes it. */
function isSequence(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0)!);
  const steps = new Set(codes.slice(1).map((code, index) => code - codes[index]!));
  return steps.size === 1 && (steps.has(1) || steps.has(-1));
}
