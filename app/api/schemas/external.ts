/** Schemas of networks that people trained with code of their own. */
import { z } from "zod";
import { externalRecordSchema } from "@/lib/records";
import type { PublishedExternal } from "@/lib/server/external/read";

const { methods, ...record } = externalRecordSchema.shape;
const fraction = z.number();

export const publishedExternalSchema = z
  .object({
    id: z.string(),
    createdAt: z.date(),
    user: z.string().nullable().describe("Null once the account is deleted"),
    ...record,
    methods: z.array(
      methods.element.extend({
        slug: z.string().nullable().describe("Of the site's policy; null for a document of the author's own"),
        rule: z.string().describe("The policy in one line"),
        momentum: z.number().nullable().describe("β, where the policy is a constant"),
        figures: z
          .object({ accuracy: fraction, sensitivity: fraction, specificity: fraction, fScore: fraction })
          .nullable()
          .describe("The server's own, from the predictions; null where it has no labels"),
      }),
    ),
  })
  .meta({
    id: "External",
    description: "Own training code, not repeated by the server; all but `figures` is as its author claims it.",
  }) satisfies z.ZodType<PublishedExternal>;
