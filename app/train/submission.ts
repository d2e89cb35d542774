/** Sending a finished run to the server, once however often it is tried. */
import type { Submission } from "@/lib/leaderboard";
import { recipeTexts } from "@/lib/leaderboard";
import type { Issue, Recipe, Variant } from "@/lib/records";
import type { Finished } from "./progress";

export interface Problem {
  status: number;
  title: string;
  detail: string;
  errors: Issue[];
}

export type Outcome = { runUrl: string } | { problem: Problem };

const RETRIES = 3;

/** A published run that is to be trained again. */
export interface Reproduced {
  id: string;
  /** Null once the account is deleted. */
  user: string | null;
  recipe: Recipe;
  variant: Variant;
  seed: number;
}

/** Whether `run` trained it again: the same recipe, variant and seed. */
function reproduces(
  { record: { manifest } }: Pick<Finished, "record">,
  { recipe, variant, seed }: Reproduced,
): boolean {
  return (
    manifest.variant === variant &&
    manifest.seed === seed &&
    JSON.stringify(recipeTexts(manifest.recipe)) === JSON.stringify(recipeTexts(recipe))
  );
}

/** Tries again after a lost connection or an overloaded server: the key makes every try the same submission. */
export async function publishRun(run: Finished, reproduced: Reproduced | null): Promise<Outcome> {
  const body = JSON.stringify({
    ...submissionOf(run),
    ...(reproduced && reproduces(run, reproduced) && { reproductionOf: reproduced.id }),
  } satisfies Submission);
  for (let attempt = 1; ; attempt++) {
    const answer = await send(body);
    const again = "problem" in answer && (answer.problem.status === 0 || answer.problem.status >= 500);
    if (!again || attempt > RETRIES) return answer;
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
  }
}

function submissionOf({ idempotencyKey, record, predictions }: Finished): Submission {
  return {
    idempotencyKey,
    record,
    predictions: Object.fromEntries(Object.entries(predictions).map(([method, classes]) => [method, base64(classes)])),
  };
}

async function send(body: string): Promise<Outcome> {
  try {
    const response = await fetch("/api/v1/runs", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const answer = (await response.json().catch(() => null)) as ({ url?: string } & Partial<Problem>) | null;
    if (response.ok && answer?.url) return { runUrl: answer.url };
    const {
      title = "The server answered without a reason",
      detail = `Status ${response.status}.`,
      errors = [],
    } = answer ?? {};
    return { problem: { status: response.status, title, detail, errors } };
  } catch {
    return {
      problem: {
        status: 0,
        title: "The server can’t be reached",
        detail: "Nothing is lost: the run stays in this browser. Try again when you are online.",
        errors: [],
      },
    };
  }
}

/** In pieces: a call takes only so many arguments. */
function base64(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192)
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return btoa(text);
}
