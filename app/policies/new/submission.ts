/** Sending a policy to the server, which scores it while it is waited for and tells how far it is. */

import type { Issue } from "@/lib/records";
import type { PolicyAnswer } from "../../api/v1/policies/submit";

export interface PolicySubmission {
  document: unknown;
  name: string;
  description?: string;
  /** Where the rule comes from. */
  reference?: { title: string; url: string | null };
  /** Slug of the policy that it began from. */
  forkOf?: string;
}

export interface Problem {
  status: number;
  title: string;
  detail: string;
  errors: Issue[];
}

/** How far the server is. */
export interface Progress {
  /** What it does now, in words. */
  doing: string;
  /** From 0 to 1. */
  fraction: number;
}

export type Outcome = { url: string; duplicate: boolean } | { problem: Problem };

/** Sends it once; a duplicate leads to the policy that exists, so trying again is safe. */
export async function sendPolicy(
  submission: PolicySubmission,
  onProgress: (progress: Progress) => void,
): Promise<Outcome> {
  let placed: PolicyAnswer | null = null;
  try {
    const response = await fetch("/api/v1/policies", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/x-ndjson" },
      body: JSON.stringify(submission),
    });
    if (!response.ok) return { problem: await problemIn(response) };
    for await (const line of linesIn(response)) {
      placed = JSON.parse(line) as PolicyAnswer;
      if (!placed.created) break; // its scores are on its page
      onProgress(progressIn(placed));
    }
  } catch {
    // What is placed is placed: its page shows how far it is.
  }
  if (placed) return { url: placed.url, duplicate: !placed.created };
  return {
    problem: {
      status: 0,
      title: "The server can’t be reached",
      detail:
        "Nothing is lost: the draft stays in this browser. Send it again when you are online; if it had arrived, you are led to it.",
      errors: [],
    },
  };
}

/** Over all reference runs; the board that is being scored is named. */
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

async function problemIn(response: Response): Promise<Problem> {
  const answer = (await response.json().catch(() => null)) as Partial<Problem> | null;
  const {
    title = "The server answered without a reason",
    detail = `Status ${response.status}. The draft stays in this browser; try again in a moment.`,
    errors = [],
  } = answer ?? {};
  return { status: response.status, title, detail, errors };
}

/** The lines of an answer as they come in. */
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
