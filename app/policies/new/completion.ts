/** What may stand where the caret is: the language's words that begin with the letters before it. */
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
 * Completions at the caret; none inside a number, after a word that is already whole, or where no word begins so.
 * @param asked the reader asked for them: then every word is offered where none has begun
 */
export function completionsAt(text: string, caret: number, asked = false): Completions | null {
  const prefix = /[A-Za-z_]\w*$/.exec(text.slice(0, caret))?.[0] ?? "";
  const from = caret - prefix.length;
  if (/[\w.]/.test(text[from - 1] ?? "")) return null; // 1e, 2x: the rest of a number
  if (prefix === "" && !asked) return null;
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
  const whole = options.length === 1 && options[0]!.insert.replace("(", "") === text.slice(from, to);
  return options.length === 0 || (whole && !asked) ? null : { from, to, options };
}
