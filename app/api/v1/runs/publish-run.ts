/** A request to publish a run, answered. */
import { invalid, submissionBytes, submissionSchema } from "@/lib/leaderboard";
import type { Refusal } from "@/lib/leaderboard";
import { publish } from "@/lib/server/publish";
import type { PublishingParts } from "@/lib/server/publish";
import { readJson } from "../../body";
import { notSignedIn, refused } from "../../problem";

/** 201 with the run's address; 200 where this very submission was stored before. */
export async function publishRun(request: Request, user: { id: string } | null, parts?: PublishingParts): Promise<Response> {
  if (!user) return notSignedIn();
  const body = await readJson(request, submissionBytes);
  if ("refusal" in body) return body.refusal;
  const submission = submissionSchema.safeParse(body.json);
  if (!submission.success) return refused(invalid(submission.error, body.json) as [Refusal, ...Refusal[]]);
  const publication = await publish(submission.data, user.id, parts);
  if ("refusals" in publication) return refused(publication.refusals);
  const { runId, created } = publication;
  return Response.json({ id: runId, url: `/runs/${runId}`, created }, { status: created ? 201 : 200, headers: { location: `/api/v1/runs/${runId}` } });
}
