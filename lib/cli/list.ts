/** Comma-separated lists on the command line. */

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * The parts of `text` between its commas, which joined by commas give `text` again. A comma inside brackets, or inside
 * quotes at the start of a part, separates nothing.
 */
export function splitList(text: string): string[] {
  const parts: string[] = [];
  const open: string[] = []; // the brackets still to be closed, innermost last
  let from = 0;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== "") {
      if (character !== quote) continue;
      if (text[at + 1] === quote) at++;
      else quote = "";
    } else if ((character === '"' || character === "'") && text.slice(from, at).trim() === "") {
      quote = character;
    } else if (character in closing) {
      open.push(closing[character]!);
    } else if (character === open.at(-1)) {
      open.pop();
    } else if (character === "," && open.length === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** A part of a list without the spaces and quotes around it; a doubled quote inside quotes is one. */
export function unquoted(part: string): string {
  const text = part.trim();
  const [, quote, inner] = /^(["'])((?:(?!\1).|\1\1)*)\1$/s.exec(text) ?? [];
  return quote === undefined ? text : inner!.replaceAll(quote + quote, quote);
}

/** The entries of a comma-separated list, without the spaces and quotes around them. */
export const readList = (text: string): string[] => splitList(text).map(unquoted);
