/** What can be flagged, and what is said about a flag: its reason, the author's reply, the reason of a decision. */
import { textSchema } from "@/lib/records";

export const flagReasonSchema = textSchema({ min: 10, max: 2000, lines: true });

/** What can be flagged, as people call it. */
export const subjectNames = { run: "run", policy: "policy", external: "record" } as const;
