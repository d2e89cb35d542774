/** What is said about a flag: its reason, the author's reply, the reason of a decision. */
import { textSchema } from "@/lib/records";

export const flagReasonSchema = textSchema({ min: 10, max: 2000, lines: true });
