/** Names that a user types: known, or answered with the valid ones and the nearest. */
import { closest, distance } from "fastest-levenshtein";

/**
 * What to say of an unknown name; the nearest is offered where at most two letters of five (one at least) are wrong.
 */
export function unknownName(what: string, found: string, known: readonly string[]): string {
  const nearest = known.length === 0 ? "" : closest(found, known);
  const near = nearest !== "" && distance(found, nearest) <= Math.max(1, Math.floor(0.4 * found.length));
  return `unknown ${what} ${JSON.stringify(found.slice(0, 80))}.${near ? ` Did you mean ${nearest}?` : ""} Valid: ${known.join(", ")}.`;
}
