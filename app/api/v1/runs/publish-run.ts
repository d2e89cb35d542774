/** Publishing a run. */
import { submissionBytes, submissionSchema } from "@/lib/leaderboard";
import type { PublishingParts } from "@/lib/server/runs/publish";
import { publish } from "@/lib/server/runs/publish";
import { created, endpoint } from "../../endpoint";
import { refused } from "../../problem";
import { publishedSchema } from "../../schemas/runs";

/** The endpoint; `parts` is called for each request. */
export const publishRun = (parts: () => PublishingParts) =>
  endpoint(
    {
      summary: "Publish a run",
      detail:
        "The record of a run and its predictions for every test example. The server derives accuracy, sensitivity, " +
        "specificity and F-score from the predictions and its own labels, and compares everything that follows from " +
        "recipe, variant and policies: steps, parameters, layers, momenta, the points of curves. What differs is " +
        "refused by field. Sent again with the same idempotency key it is stored once.",
      tag: "runs",
      access: "user",
      scope: "submit:runs",
      body: { schema: submissionSchema, limitBytes: submissionBytes },
      json: publishedSchema,
      answers: { 200: "This very submission was stored before", 201: "Stored" },
      problems: {
        409: "The idempotency key belongs to another submission",
        503: "This site has no copy of the data set, or its file store is away",
      },
    },
    async ({ caller, body }) => {
      const publication = await publish(body, caller.id, parts());
      if ("refusals" in publication) return refused(publication.refusals);
      const { runId, created: fresh } = publication;
      return created({ id: runId, url: `/runs/${runId}`, created: fresh }, `/api/v1/runs/${runId}`, fresh ? 201 : 200);
    },
  );
