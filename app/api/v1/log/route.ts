/** The public log. */
import { z } from "zod";
import { textSchema } from "@/lib/records";
import { logPage } from "@/lib/server/moderation/log";
import { endpoint, nextPage } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { nextSchema, takeSchema } from "../../parameters";
import { logRecordSchema } from "../../schemas/moderation";

export const GET = endpoint(
  {
    summary: "The log",
    detail: "Every addition, rescore and removal with its reason, newest first. Nothing in it changes or goes.",
    tag: "moderation",
    access: "anyone",
    query: z.strictObject({
      take: takeSchema(200, 50),
      after: z
        .string()
        .regex(/^\d{1,18}$/, "id of a record")
        .optional()
        .describe("Where the page before ended; `next` of its answer has it"),
      subject: textSchema({ max: 32 }).optional().describe("`run`, `policy`, `trajectory` …"),
      subjectId: textSchema({ max: 64 }).optional(),
    }),
    json: z.object({ log: z.array(logRecordSchema), next: nextSchema }),
    shared: true,
    answers: { 200: "A page of the log" },
  },
  async ({ request, query: { after, ...query } }) => {
    const log = await logPage({ ...query, after: after === undefined ? undefined : BigInt(after) });
    return { log, next: nextPage(request, log.length === query.take ? log.at(-1)!.id : undefined) };
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
