/** Networks that people trained with code of their own: publish one, list the newest. */
import { z } from "zod";
import { externalSubmissionSchema, submissionBytes } from "@/lib/leaderboard";
import { publishExternal } from "@/lib/server/external/publish";
import { recentExternal } from "@/lib/server/external/read";
import { created, endpoint, nextPage } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { afterSchema, nextSchema, slugSchema, takeSchema } from "../../parameters";
import { refused } from "../../problem";
import { publishedExternalSchema } from "../../schemas/external";

export const POST = endpoint(
  {
    summary: "Publish a network of your own",
    detail:
      "Trained with your own code, which the server doesn't repeat: it is on no board. Where the data set is registered " +
      "and here, the server scores the predictions of each method for the whole test set, and a claimed accuracy that " +
      "differs is refused. Sent again with the same idempotency key it is stored once.",
    tag: "external",
    access: "user",
    scope: "submit:runs",
    body: { schema: externalSubmissionSchema, limitBytes: submissionBytes },
    json: z.object({ id: z.string(), url: z.string(), created: z.boolean() }),
    answers: { 200: "This very submission was stored before", 201: "Stored" },
    problems: { 409: "The idempotency key belongs to another submission" },
  },
  async ({ caller, body }) => {
    const publication = await publishExternal(body, caller.id);
    if ("refusals" in publication) return refused(publication.refusals);
    const { id, created: fresh } = publication;
    return created({ id, url: `/external/${id}`, created: fresh }, `/api/v1/external/${id}`, fresh ? 201 : 200);
  },
);

export const GET = endpoint(
  {
    summary: "Networks of people's own",
    detail: "Newest first; own training code, not repeated by the server.",
    tag: "external",
    access: "anyone",
    query: z.strictObject({
      take: takeSchema(50, 20),
      after: afterSchema,
      dataset: slugSchema.optional().describe("Slug of a registered data set, or other; absent: all"),
    }),
    json: z.object({ records: z.array(publishedExternalSchema), next: nextSchema }),
    shared: true,
    answers: { 200: "A page of records" },
  },
  async ({ request, query }) => {
    const records = await recentExternal(query);
    return { records, next: nextPage(request, records.length === query.take ? records.at(-1)!.id : undefined) };
  },
);

export const { PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET", "POST");
