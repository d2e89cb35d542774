/** Completions at the caret: the language's names that begin with the letters before it. */
import { vocabulary } from "@/lib/dmbn/policy";

export interface Completion {
  /** Replaces the word around the caret. */
  insert: string;
  signature: string;
  meaning: string;
  kind: (typeof vocabulary)[number]["kind"];
}

export interface Completions {
  /** The word that a completion replaces: offsets in the text, `from` ≤ caret ≤ `to`. */
  from: number;
  to: number;
  options: readonly Completion[];
}

/**
 * Completions at the caret; null inside a number, after a complete word, or without a match.
 * @param explicit the user requested completion: offers every word if none has begun
 */
export function completionsAt(text: string, caret: number, explicit = false): Completions | null {
  const prefix = /[A-Za-z_]\w*$/.exec(text.slice(0, caret))?.[0] ?? "";
  const from = caret - prefix.length;
  if (/[\w.]/.test(text[from - 1] ?? "")) return null; // 1e, 2x: the rest of a number
  if (prefix === "" && !explicit) return null;
  const to = caret + (prefix ? /^\w*/.exec(text.slice(caret))![0].length : 0);
  const called = text.slice(to).trimStart().startsWith("(");
  const begun = prefix.toLowerCase();
  const options = vocabulary
    .filter(({ name }) => name.toLowerCase().startsWith(begun))
    .map(({ name, kind, signature, meaning }) => ({
      insert: kind === "function" && !called ? `${name}(` : name,
      signature,
      meaning,
      kind,
    }));
  const complete = options.length === 1 && options[0]!.insert.replace("(", "") === text.slice(from, to);
  return options.length === 0 || (complete && !explicit) ? null : { from, to, options };
}
