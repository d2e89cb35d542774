/** An unsubmitted draft, saved in the browser so that a reload loses nothing. */
import { z } from "zod";
import { maxDocumentCharacters } from "@/lib/dmbn/policy";

const draftSchema = z.object({
  text: z.string().max(maxDocumentCharacters),
  /** The policy that it was forked from. */
  forkOf: z.object({ slug: z.string(), name: z.string() }).nullable(),
  name: z.string(),
  description: z.string(),
  reference: z.string(),
  referenceUrl: z.string(),
});

export type Draft = z.infer<typeof draftSchema>;

const KEY = "dmbench.policy-draft";

/** The draft saved in this browser; null if there is none, or it can't be read. */
export function loadDraft(): Draft | null {
  try {
    return draftSchema.parse(JSON.parse(localStorage.getItem(KEY) ?? ""));
  } catch {
    return null;
  }
}

/** If storage is blocked, the page works without it: the URL still carries the document. */
export function saveDraft(draft: Draft): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    return;
  }
}

export function deleteDraft(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    return;
  }
}
