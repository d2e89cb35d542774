/** Submits a policy: one response, or a stream of lines as the scoring proceeds. */
import type { z } from "zod";
import { policySubmissionBytes, policySubmissionSchema } from "@/lib/leaderboard";
import type { SubmittingParts } from "@/lib/server/policies/submit";
import { addPolicy } from "@/lib/server/policies/submit";
import type { Followed } from "@/lib/server/scoring/state";
import { followScoring } from "@/lib/server/scoring/state";
import { endpoint } from "../../endpoint";
import { refused } from "../../problem";
import { policyAnswerSchema } from "../../schemas/policies";

/** The response; as `application/x-ndjson` one line for each step of the scoring. */
export type PolicyAnswer = z.output<typeof policyAnswerSchema>;

export interface SubmitParts extends SubmittingParts {
  /** Makes this process work on the queue. */
  wake(): void;
  /** How long the answer waits for scores. Default: 20 s; proxies and functions give up after 30. */
  patienceMs?: number;
}

/** The endpoint; `parts` is called for each request. */
export const submit = (parts: () => SubmitParts) =>
  endpoint(
    {
      summary: "Submit a policy",
      detail:
        "The server checks the document over every step of the benchmarks and scores it at once; what takes longer than " +
        "20 s goes on after the answer. The same document leads to the policy that exists. A name that looks like another " +
        "policy's is printed with its author.",
      tag: "policies",
      access: "user",
      scope: "submit:policies",
      body: { schema: policySubmissionSchema, limitBytes: policySubmissionBytes },
      json: policyAnswerSchema,
      media: ["application/x-ndjson"],
      answers: {
        200: "This document was submitted before; what it lacked is scored",
        201: "Stored, and scored where that is quick",
        202: "It is there, and being scored: its page and its address in the API follow that",
      },
      problems: {
        409: "The name looks like a built-in policy's",
        410: "This policy was removed; /log has the reason",
        503: "No reference runs or no data on this site yet",
      },
    },
    async ({ request, caller, body }) => {
      const { db, scorer, wake, patienceMs = 20_000 } = parts();
      const placed = await addPolicy(body, caller.id, { db, scorer });
      if ("refusals" in placed) return refused(placed.refusals);
      wake();

      const { id, slug, hash, created } = placed;
      const about = { slug, url: `/policies/${slug}`, hash, created };
      const status = created ? 201 : 200;
      const headers = { location: `/api/v1/policies/${slug}`, "cache-control": "no-store" };
      const states = followScoring(id, { db, signal: request.signal, forMs: patienceMs });
      if (/\bapplication\/x-ndjson\b/.test(request.headers.get("accept") ?? ""))
        return new Response(streamOf(linesOf(about, states)), {
          status,
          headers: { ...headers, "content-type": "application/x-ndjson" },
        });
      let last: Followed = { scoring: [], done: false };
      for await (last of states);
      return Response.json({ ...about, ...last } satisfies PolicyAnswer, { status: last.done ? status : 202, headers });
    },
  );

async function* linesOf(
  about: Omit<PolicyAnswer, keyof Followed>,
  states: AsyncIterable<Followed>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const state of states)
    yield encoder.encode(`${JSON.stringify({ ...about, ...state } satisfies PolicyAnswer)}\n`);
}

/** A stream with back pressure; it ends when the reader cancels. */
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
