/** Sending a policy to the server, which scores it while it is waited for and tells how far it is. */

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

/** A line of the server's answer: how far it is, or what came of it. */
type Answer = Partial<Problem> & { done?: number; total?: number; doing?: string; url?: string; duplicate?: boolean };

function progressIn({ done, total, doing }: Answer): Progress | null {
  return done === undefined || !total ? null : { doing: doing ?? "Scoring", fraction: done / total };
}

function outcomeOf(answer: Answer | null, status: number): Outcome {
  if (answer?.url) return { url: answer.url, duplicate: answer.duplicate ?? false };
  const { title = "The server answered without a reason", detail = `Status ${status}. The draft stays in this browser; try again in a moment.`, errors = [] } = answer ?? {};
  return { problem: { status: answer?.status ?? status, title, detail, errors } };
}

/** The lines of an answer as they come in; an answer that is one JSON text is one line. */
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
