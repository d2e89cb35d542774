/** Asks a board for a seed. A ticket is remembered until its run is published: who asks again gets the same seed. */
import type { AnswerOf, ApiProblem } from "@/app/api/client";
import { callApi } from "@/app/api/client";
import type { TrainingSettings } from "./protocol";
import type { WantedTraining } from "./settings";

type Ticket = AnswerOf<"POST", "/api/v1/benchmarks/{slug}/tickets">;

/** The settings with a seed, the board's where none was chosen; or why it gives none. */
export async function withSeed({
  seed,
  ...wanted
}: WantedTraining): Promise<{ settings: TrainingSettings } | { problem: ApiProblem }> {
  const { benchmark } = wanted;
  if (seed !== null || !benchmark) return { settings: { ...wanted, seed: seed ?? 1 } };
  const asked = await seedFromBoard(benchmark.slug);
  if ("problem" in asked) return asked;
  const { id: ticket, seed: given, benchmark: giver, seeds: boardHas } = asked.answer;
  if (giver.version === benchmark.version) return { settings: { ...wanted, seed: given, ticket, boardHas } };
  const title = `${benchmark.slug} has a new version`;
  return { problem: { status: 409, title, detail: "Reload the page to train as it says now.", errors: [] } };
}

/** The seed that the board needs next, with its ticket; or why there is none. */
async function seedFromBoard(slug: string): Promise<{ answer: Ticket } | { problem: ApiProblem }> {
  const remembered = recall(slug);
  if (remembered) return { answer: remembered };
  const asked = await callApi("POST", "/api/v1/benchmarks/{slug}/tickets", { params: { slug }, body: {} });
  if ("answer" in asked) within(() => localStorage.setItem(keyOf(slug), JSON.stringify(asked.answer)));
  return asked;
}

/** Call it when a run was published with the ticket, or the ticket was refused. */
export const forgetTicket = (slug: string): void => void within(() => localStorage.removeItem(keyOf(slug)));

/** Null if none is remembered, or it expires within the hour. */
function recall(slug: string): Ticket | null {
  return within(() => {
    const ticket = JSON.parse(localStorage.getItem(keyOf(slug)) ?? "null") as Ticket | null;
    return ticket && Date.parse(ticket.expiresAt) > Date.now() + 3_600_000 ? ticket : null;
  });
}

const keyOf = (slug: string): string => `ticket/${slug}`;

/** Null where storage is blocked or broken: the server then gives another ticket. */
function within<Result>(use: () => Result): Result | null {
  try {
    return use();
  } catch {
    return null;
  }
}
