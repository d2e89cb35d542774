/**
 * What somebody is writing and has not submitted: kept by the browser across
 * reloads, and as a link that carries the whole document. The document stands
 * in the address's fragment, which browsers never send: no limit of a server
 * cuts it off.
 */
import { z } from "zod";
import { maxDocumentCharacters } from "@/lib/dmbn/policy";

const draftSchema = z.object({
  text: z.string().max(maxDocumentCharacters),
  /** The policy it began from. */
  forkOf: z.object({ slug: z.string(), name: z.string() }).nullable(),
  name: z.string(),
  description: z.string(),
  reference: z.string(),
  referenceUrl: z.string(),
});

export type Draft = z.infer<typeof draftSchema>;

const KEY = "dmbench.policy-draft";

/** The draft that this browser keeps; null where there is none, or none that can be read. */
export function keptDraft(): Draft | null {
  try {
    return draftSchema.parse(JSON.parse(localStorage.getItem(KEY) ?? ""));
  } catch {
    return null;
  }
}

/** Where storage is blocked the page works without: the address still carries the document. */
export function keepDraft(draft: Draft): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    return;
  }
}

export function forgetDraft(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    return;
  }
}

/** The fragment that carries a document: JSON loses its line breaks, any other text is carried as it stands. */
export function fragmentOf(text: string): string {
  let carried = text;
  try {
    carried = JSON.stringify(JSON.parse(text));
  } catch {
    // Not JSON yet.
  }
  return `#policy=${encodeURIComponent(carried)}`;
}

/** The document in a fragment, JSON written out; null where it carries none, or one that is too long. */
export function textOf(fragment: string): string | null {
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
