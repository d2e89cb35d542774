/** Sends the weights and the trace of a published run to its site, or into the site's bucket. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { Failure } from "./exit";
import { ask } from "./site";
import type { Terminal } from "./terminal";

const receptionSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("received") }),
  z.object({ state: z.literal("upload"), url: z.string(), headers: z.record(z.string(), z.string()) }),
  z.object({ state: z.literal("not-needed"), reason: z.string() }),
]);
type Reception = z.infer<typeof receptionSchema>;

interface SiteParts {
  site: string;
  token: string;
  terminal: Terminal;
}

/** Says what became of them. The run is published already: what goes wrong here is only said. */
export async function sendWeights(id: string, weights: Uint8Array, parts: SiteParts): Promise<void> {
  const { terminal } = parts;
  try {
    const outcome = await send(`/api/v1/runs/${id}/weights`, weights, parts);
    if (outcome.state === "not-needed") terminal.err(`Its weights were not sent. ${outcome.reason}\n`);
    else terminal.out("Its weights and trace are sent.\n");
  } catch (error) {
    if (!(error instanceof Failure) || terminal.signal.aborted) throw error;
    terminal.err(`Its weights were not sent. ${error.message}\n`);
  }
}

async function send(path: string, weights: Uint8Array, { site, token, terminal }: SiteParts): Promise<Reception> {
  const request = async (method: "POST" | "PUT", body: unknown): Promise<Reception> =>
    receptionSchema.parse(await (await ask(site, path, { method, token, body }, terminal)).json());
  const about = { sha256: createHash("sha256").update(weights).digest("hex"), bytes: weights.length };
  const asked = await request("POST", about);
  if (asked.state !== "upload") return asked;
  if (asked.url !== path) {
    const stored = await fetch(asked.url, {
      method: "PUT",
      headers: asked.headers,
      body: new Uint8Array(weights),
      signal: terminal.signal,
    }).catch(() => null);
    const answered = stored?.ok ? await request("POST", about) : asked;
    if (answered.state !== "upload") return answered;
  }
  return request("PUT", weights);
}
