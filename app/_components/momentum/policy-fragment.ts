/**
 * A link with a whole policy document in its URL fragment. Browsers never send the fragment, so no server's limit on
 * URLs truncates it.
 */
import { maxDocumentCharacters } from "@/lib/dmbn/policy";

/** Encodes a document as a fragment: JSON is minified, any other text stays as it is. */
export function policyFragment(text: string): string {
  let carried = text;
  try {
    carried = JSON.stringify(JSON.parse(text));
  } catch {
    // Not JSON yet.
  }
  return `#policy=${encodeURIComponent(carried)}`;
}

/** The document in a fragment, JSON pretty-printed; null if there is none, or it is too long. */
export function policyTextOf(fragment: string): string | null {
  const carried = /^#policy=(.*)$/s.exec(fragment)?.[1];
  if (carried === undefined) return null;
  let text: string;
  try {
    text = decodeURIComponent(carried);
  } catch {
    return null;
  }
  if (text.length > maxDocumentCharacters) return null;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
