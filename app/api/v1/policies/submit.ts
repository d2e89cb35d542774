/** A request to submit a policy, answered at once or line by line as it is scored. */
import { invalid, policySubmissionBytes, policySubmissionSchema } from "@/lib/leaderboard";
import type { Refusal } from "@/lib/leaderboard";
import { followScoring } from "@/lib/server/queries/scoring";
import type { ScoringState } from "@/lib/server/queries/scoring";
import { submitPolicy } from "@/lib/server/submit-policy";
import type { SubmittingParts } from "@/lib/server/submit-policy";
import { readJson } from "../../body";
import { notSignedIn, refused } from "../../problem";

/** What is answered; asked for as `application/x-ndjson`, once for each step of the scoring. */
export interface PolicyAnswer {
  slug: string;
  url: string;
  hash: string;
  /** False: this document was submitted before. */
  created: boolean;
  scoring: ScoringState[];
  /** Whether all is scored that is scored at once. */
  done: boolean;
}

export interface SubmitParts extends SubmittingParts {
  /** Has this process start on what is in line. */
  wake(): void;
}

/** 201 with the policy's address and scores; 200 where the same document was submitted before. */
export async function submit(request: Request, user: { id: string } | null, parts: SubmitParts): Promise<Response> {
  if (!user) return notSignedIn();
  const body = await readJson(request, policySubmissionBytes);
  if ("refusal" in body) return body.refusal;
  const submission = policySubmissionSchema.safeParse(body.json);
  if (!submission.success) return refused(invalid(submission.error, body.json) as [Refusal, ...Refusal[]]);
  const placed = await submitPolicy(submission.data, user.id, parts);
  if ("refusals" in placed) return refused(placed.refusals);
  parts.wake();

  const { id, slug, hash, created } = placed;
  const about = { slug, url: `/policies/${slug}`, hash, created };
  const status = created ? 201 : 200;
  const headers = { location: `/api/v1/policies/${slug}` };
  if (/\bapplication\/x-ndjson\b/.test(request.headers.get("accept") ?? "")) {
    const lines = linesOf(about, followScoring(id, parts.db, request.signal));
    return new Response(streamOf(lines), { status, headers: { ...headers, "content-type": "application/x-ndjson", "cache-control": "no-store" } });
  }
  let scoring: ScoringState[] = [];
  for await (scoring of followScoring(id, parts.db, request.signal));
  return Response.json({ ...about, scoring, done: true } satisfies PolicyAnswer, { status, headers });
}

async function* linesOf(about: Omit<PolicyAnswer, "scoring" | "done">, states: AsyncIterable<ScoringState[]>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const line = (scoring: ScoringState[], done: boolean) => encoder.encode(`${JSON.stringify({ ...about, scoring, done } satisfies PolicyAnswer)}\n`);
  let last: ScoringState[] = [];
  for await (last of states) yield line(last, false);
  yield line(last, true);
}

/** Reads on only as fast as the other side takes it; a reader that leaves ends it. */
const streamOf = (chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
