/** The error message for an unknown name: the valid ones, and the nearest. */
import { closest, distance } from "fastest-levenshtein";

/** Suggests the nearest name where at most two letters in five are wrong (and always allows for one). */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  const nearest = known.length === 0 ? "" : closest(name, known);
  const near = nearest !== "" && distance(name, nearest) <= Math.max(1, Math.floor(0.4 * name.length));
  const suggestion = near ? ` Did you mean ${nearest}?` : "";
  return `unknown ${what} ${JSON.stringify(name.slice(0, 80))}.${suggestion} Valid: ${known.join(", ")}.`;
}
