/** Sending a policy to the server, which scores it while it is waited for and tells how far it is. */

export interface PolicySubmission {
  document: unknown;
  name: string;
  description?: string;
  reference?: string;
  /** Slug of the policy that it began from. */
  forkOf?: string;
}

export interface Problem {
  status: number;
  title: string;
  detail: string;
  errors: { field: string; expected: string; found: string; remedy: string }[];
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
export async function submitPolicy(submission: PolicySubmission, onProgress: (progress: Progress) => void): Promise<Outcome> {
  try {
    const response = await fetch("/api/v1/policies", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/x-ndjson" },
      body: JSON.stringify(submission),
    });
    let answer: Answer | null = null;
    for await (const line of linesIn(response)) {
      answer = JSON.parse(line) as Answer;
      const progress = progressIn(answer);
      if (progress) onProgress(progress);
    }
    return outcomeOf(answer, response.status);
  } catch {
    return { problem: { status: 0, title: "The server can’t be reached", detail: "Nothing is lost: the draft stays in this browser. Send it again when you are online; if it had arrived, you are led to it.", errors: [] } };
  }
}
