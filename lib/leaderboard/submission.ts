/**
 * What a browser or program sends to publish a run: its record, and the
 * predicted class of every test example for each method, from which the server
 * derives the metrics itself.
 */
import { z } from "zod";
import { runRecordSchema } from "@/lib/records";

/** Longest body taken: 64 methods of 50,000 examples fit. */
export const submissionBytes = 8 * 1024 * 1024;

export const submissionSchema = z.strictObject({
  /** Drawn once for a finished run: sending it again leads to the row that exists. */
  idempotencyKey: z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z-]{15,63}$/, "a UUID, or 16 to 64 letters, digits and hyphens"),
  record: runRecordSchema,
  /** Method → one byte for each test example, its predicted class id, in base64. */
  predictions: z.record(z.string().min(1).max(128), z.base64()),
  /** Id of a published run that this one trained again: the same recipe, variant, seed and data. */
  reproductionOf: z.uuid().optional(),
});

export type Submission = z.infer<typeof submissionSchema>;
