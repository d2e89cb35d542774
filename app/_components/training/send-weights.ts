/** Sends the weights and the trace of a published run, to the site or into its bucket. */
import { accountHeader } from "@/app/api/account-header";
import type { AnswerOf, ApiProblem } from "@/app/api/client";
import { callApi } from "@/app/api/client";

type Reception = AnswerOf<"POST", "/api/v1/runs/{id}/weights">;
export type WeightsSent = Exclude<Reception, { state: "upload" }> | { problem: ApiProblem };

/** @param account whose run it is; refused if another one is signed in */
export async function sendWeights(id: string, weights: Uint8Array<ArrayBuffer>, account: string): Promise<WeightsSent> {
  const offline = "The run is published. Send its weights again when you are online.";
  const announce = async () => {
    const body = { sha256: await sha256(weights), bytes: weights.length };
    return callApi("POST", "/api/v1/runs/{id}/weights", { params: { id }, body, account, offline });
  };
  const asked = await announce();
  if ("problem" in asked) return asked;
  if (asked.answer.state !== "upload") return asked.answer;
  const { url, headers } = asked.answer;
  const direct = `/api/v1/runs/${id}/weights`;
  if (url !== direct) {
    const stored = await put(url, weights, headers);
    const answered = stored?.ok ? await announce() : null;
    if (answered && "answer" in answered && answered.answer.state !== "upload") return answered.answer;
  }
  // The bucket may take nothing from pages of this site.
  const response = await put(direct, weights, { "content-type": "application/octet-stream", [accountHeader]: account });
  const json = await response?.json().catch(() => null);
  if (response?.ok && json) return json as Exclude<Reception, { state: "upload" }>;
  const { title, detail, errors } = (json ?? {}) as Partial<ApiProblem>;
  return {
    problem: {
      status: response?.status ?? 0,
      title: title ?? "The weights were not sent",
      detail: detail ?? offline,
      errors: errors ?? [],
    },
  };
}

const put = (url: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<Response | null> =>
  fetch(url, { method: "PUT", body, headers }).catch(() => null);

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
