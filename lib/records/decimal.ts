/** Numbers as people type them. */
import { z } from "zod";

const pattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The number that a text spells in decimal, such as `3`, `.5` or `1e-5`; spaces around it don't count. Null for
 * anything else: other bases, nothing at all, and numbers beyond the range of a double, which `Number` would round to
 * zero or infinity without a word.
 */
export function parseDecimal(text: string): number | null {
  const digits = text.trim();
  if (!pattern.test(digits)) return null;
  const value = Number(digits);
  const vanished = value === 0 && /[1-9]/.test(digits.split(/e/i)[0]!);
  return Number.isFinite(value) && !vanished ? value : null;
}

/** A whole number that comes as text, as in addresses and settings: decimal, within `least` and `greatest`. */
export const wholeNumberSchema = (least: number, greatest: number) =>
  z.preprocess(
    (value) => (typeof value === "string" ? (parseDecimal(value) ?? value) : value),
    z.int().min(least).max(greatest),
  );
