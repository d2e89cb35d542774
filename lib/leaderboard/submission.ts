/**
 * What a client sends to publish a run: its record and, for each method, the predicted class of every test example,
 * from which the server derives the metrics itself.
 */
import { z } from "zod";
import { runRecordSchema, textSchema } from "@/lib/records";

/**
 * The largest body in bytes: 64 methods of 10,000 examples take 0.9 MB, curves at most 0.6 MB more. Platforms of functions
 * refuse one of 4.5 MB (Vercel) or 6 MB (AWS Lambda).
 */
export const submissionBytes = 4_000_000;

/** Generated once for what is sent, so that a retry stores nothing twice. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z-]{15,63}$/, "a UUID, or 16 to 64 letters, digits and hyphens");

export const submissionSchema = z.strictObject({
  /** Of the finished run. */
  idempotencyKey: idempotencyKeySchema,
  record: runRecordSchema,
  /** Method → one byte for each test example, its predicted class id, in base64: at most 50,000 examples. */
  predictions: z.record(textSchema({ max: 128 }), z.base64().max(66_668)),
  /** Id of the published run that this one reproduces, with the same recipe, variant, seed and data. */
  reproductionOf: z.uuid().optional(),
  /** Id of the ticket that its seed is from; without one it is shown, but doesn't rank. */
  ticket: z.uuid().optional(),
});

export type Submission = z.infer<typeof submissionSchema>;
