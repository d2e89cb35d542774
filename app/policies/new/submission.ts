/** Submits a policy to the server, and reports the progress of its scoring. */

import type { AnswerOf, ApiProblem, BodyOf } from "@/app/api/client";
import { sendApi } from "@/app/api/client";

type PolicyAnswer = AnswerOf<"POST", "/api/v1/policies">;

/** Progress of a submission. */
export interface Progress {
  /** The current step, in words. */
  doing: string;
  /** From 0 to 1. */
  fraction: number;
}

export type Outcome = { url: string; duplicate: boolean } | { problem: ApiProblem };

/**
 * Submits once: a duplicate returns the existing policy, so retrying is safe.
 * @param account whose policy it becomes; refused if another one is signed in
 */
export async function sendPolicy(
  submission: BodyOf<"POST", "/api/v1/policies">,
  account: string,
  onProgress: (progress: Progress) => void,
): Promise<Outcome> {
  const sent = await sendApi("POST", "/api/v1/policies", {
    body: submission,
    account,
    accept: "application/x-ndjson",
    offline,
  });
  if ("problem" in sent) return sent;
  let placed: PolicyAnswer | null = null;
  try {
    for await (const line of linesIn(sent.response)) {
      placed = JSON.parse(line) as PolicyAnswer;
      if (!placed.created) break; // its scores are on its page
      onProgress(progressIn(placed));
    }
  } catch {
    // The connection was lost. If the policy was stored, its page shows the progress.
  }
  if (placed) return { url: placed.url, duplicate: !placed.created };
  return { problem: { status: 0, title: "The server can’t be reached", detail: offline, errors: [] } };
}

const offline =
  "Nothing is lost: the draft stays in this browser. Send it again when you are online; if it had arrived, " +
  "you are led to it.";

/** Progress over all reference runs, with the name of the current board. */
function progressIn({ scoring }: Pick<PolicyAnswer, "scoring">): Progress {
  const now = scoring.find(({ state }) => state === "running") ?? scoring.find(({ state }) => state === "waiting");
  const total = scoring.reduce((sum, { of }) => sum + of, 0);
  const scored = scoring.reduce((sum, { scored }) => sum + scored, 0);
  const ahead = now?.ahead ? `, ${now.ahead} before it` : "";
  return {
    doing: now ? `${now.benchmark.title}: ${now.scored} of ${now.of} reference runs${ahead}` : "Ranking",
    fraction: total === 0 ? 0 : scored / total,
  };
}

/** The lines of a response as they arrive. */
async function* linesIn(response: Response): AsyncGenerator<string> {
  if (!response.body) return;
  let rest = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    const lines = `${rest}${value ?? ""}`.split("\n");
    rest = done ? "" : lines.pop()!;
    for (const line of lines) if (line.trim()) yield line;
    if (done) return;
  }
}
