/** The board over all boards in the terminal: how far each method is from the best of every board. */
import { z } from "zod";
import type { OverBoardsSort } from "@/lib/leaderboard";
import { ask } from "./site";
import { table } from "./table";
import type { Terminal } from "./terminal";

const regretSchema = z.number().nullable();

const overBoardsSchema = z.object({
  boards: z.array(z.object({ slug: z.string(), version: z.int(), title: z.string() })),
  methods: z.array(
    z.object({
      method: z.string(),
      regrets: z.array(regretSchema),
      mean: regretSchema,
      worst: regretSchema,
      iqm: z.object({ mean: z.number(), low: regretSchema, high: regretSchema }).nullable(),
    }),
  ),
  of: z.int(),
});

interface OverBoardsOptions {
  sort: OverBoardsSort;
  /** Rows to print. */
  take: number;
  /** Whether to print the site's answer as it is. */
  json: boolean;
}

/** Prints methods with their regret on each board, in points of accuracy: the best mean less theirs. */
export async function printOverBoards(
  site: string,
  { sort, take, json }: OverBoardsOptions,
  terminal: Terminal,
): Promise<void> {
  const answer = await ask(site, `/api/v1/leaderboard?${new URLSearchParams({ sort })}`, {}, terminal);
  const body: unknown = await answer.json();
  if (json) return terminal.out(`${JSON.stringify(body)}\n`);
  const { boards, methods, of } = overBoardsSchema.parse(body);
  const shown = methods.slice(0, take);
  terminal.out(`${shown.length} of ${of} methods on ${boards.length} boards; regret to the best of each, points\n`);
  for (const [index, { slug, version, title }] of boards.entries())
    terminal.out(`${index + 1}: ${slug}, version ${version}, ${title}\n`);
  terminal.out(
    table(
      ["method", "mean", "worst", "IQM, %", "95 % interval", ...boards.map((_, index) => String(index + 1))],
      shown.map(({ method, mean, worst, iqm, regrets }) => [
        method,
        hundredths(mean),
        hundredths(worst),
        hundredths(iqm?.mean),
        typeof iqm?.low === "number" ? `${hundredths(iqm.low)} to ${hundredths(iqm.high)}` : "–",
        ...regrets.map(hundredths),
      ]),
    ),
  );
}

/** A fraction in hundredths; "–" where it is missing. */
const hundredths = (fraction: number | null | undefined): string =>
  typeof fraction === "number" ? (100 * fraction).toFixed(2) : "–";
