/** Asks a site's board for a seed, as `/train` does. */
import type { APIRequestContext } from "@playwright/test";

/** A new ticket, for the account that is signed in or for nobody: what a run that ranks is published with. */
export async function ticketOf(
  request: APIRequestContext,
  slug = "digits-mlp",
  address = "",
): Promise<{ ticket: string; seed: number }> {
  const answer = await request.post(`${address}/api/v1/benchmarks/${slug}/tickets`, { data: { another: true } });
  if (!answer.ok()) throw new Error(await answer.text());
  const { id, seed } = (await answer.json()) as { id: string; seed: number };
  return { ticket: id, seed };
}
