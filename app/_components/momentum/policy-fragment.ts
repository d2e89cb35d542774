/**
 * A link that carries a whole policy document in its fragment. Browsers never send a fragment, so no server's limit on
 * addresses cuts it off.
 */
import { maxDocumentCharacters } from "@/lib/dmbn/policy";

/** The fragment that carries a document: JSON loses its line breaks, any other text is carried as it stands. */
export function policyFragment(text: string): string {
  let carried = text;
  try {
    carried = JSON.stringify(JSON.parse(text));
  } catch {
    // Not JSON yet.
  }
  return `#policy=${encodeURIComponent(carried)}`;
}

/** The document in a fragment, JSON written out; null where it carries none, or one that is too long. */
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
