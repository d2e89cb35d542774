/** Submits a finished run to the server; retries don't create a second one. */
import type { ApiProblem } from "@/app/api/client";
import { callApi } from "@/app/api/client";
import type { Submission } from "@/lib/leaderboard";
import { recipeTexts } from "@/lib/leaderboard";
import type { Recipe, Variant } from "@/lib/records";
import type { Finished } from "./progress";

export type Outcome = { id: string; runUrl: string } | { problem: ApiProblem };

/** Whether a submission was refused because of its ticket. */
export const isOfTicket = ({ errors }: ApiProblem): boolean => errors[0]?.field === "ticket";

const RETRIES = 3;

/** A published run to reproduce. */
export interface Reproduced {
  id: string;
  /** Null once the account is deleted. */
  user: string | null;
  recipe: Recipe;
  variant: Variant;
  seed: number;
}

/** Whether `run` reproduces it: the same recipe, variant and seed. */
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

/**
 * Retries after a lost connection or an overloaded server: the key makes all attempts the same submission.
 * @param account whose run it becomes; refused if another one is signed in
 */
export async function publishRun(run: Finished, reproduced: Reproduced | null, account: string): Promise<Outcome> {
  const body: Submission = {
    ...submissionOf(run),
    ...(reproduced && reproduces(run, reproduced) && { reproductionOf: reproduced.id }),
  };
  const offline = "Nothing is lost: the run stays in this browser. Try again when you are online.";
  for (let attempt = 1; ; attempt++) {
    const result = await callApi("POST", "/api/v1/runs", { body, account, offline });
    if ("answer" in result) return { id: result.answer.id, runUrl: result.answer.url };
    const { status } = result.problem;
    if ((status !== 0 && status < 500) || attempt > RETRIES) return result;
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
  }
}

function submissionOf({ idempotencyKey, record, predictions, ticket }: Finished): Submission {
  return {
    idempotencyKey,
    record,
    ...(ticket && { ticket }),
    predictions: Object.fromEntries(Object.entries(predictions).map(([method, classes]) => [method, base64(classes)])),
  };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
