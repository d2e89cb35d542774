/** `dmbench board`: prints a board of a site, or the one over all its boards. */
import type { Command } from "commander";
import { z } from "zod";
import type { Division } from "@/lib/leaderboard";
import { formatBand, overBoardsSorts } from "@/lib/leaderboard";
import type { MetricName } from "@/lib/records";
import { figures, metricFields, metricNames } from "@/lib/records";
import { UsageError } from "../exit";
import { unknownName } from "../names";
import { DEFAULT_DIVISION, divisionOption, number } from "../options";
import { printOverBoards } from "../over-boards";
import { ask, siteToRead } from "../site";
import { table } from "../table";
import type { Terminal } from "../terminal";

interface BoardOptions {
  division?: Division;
  sort?: string;
  take: number;
  site?: string;
  json?: boolean;
}

const estimateSchema = z.object({ mean: z.number(), low: z.number().nullable(), high: z.number().nullable() });

const boardSchema = z.object({
  benchmark: z.object({ title: z.string(), version: z.int() }),
  rows: z.array(
    z.object({
      method: z.string(),
      n: z.int(),
      tier: z.int(),
      band: z.object({ first: z.int(), last: z.int() }).nullable(),
      ...metricFields(metricNames, () => estimateSchema),
    }),
  ),
});

export function boardCommand(program: Command, terminal: Terminal): void {
  program
    .command("board")
    .description("Show a benchmark's board, or the one over all boards.")
    .argument("[benchmark]", "such as digits-mlp (default: all boards)")
    .addOption(divisionOption())
    .option(
      "--sort <name>",
      `of one board ${metricNames.join(", ")} (default: ${metricNames[0]}), ` +
        `of all ${overBoardsSorts.join(", ")} (default: ${overBoardsSorts[0]})`,
    )
    .addOption(number("--take <n>", "how many rows", z.int().min(1).max(1000)).default(20))
    .option("--site <address>", "the site (default: that of the login)")
    .option("--json", "print the API's answer")
    .addHelpText(
      "after",
      `
Examples:
  npm run -s dmbench -- board digits-mlp --take 5
  npm run -s dmbench -- board --sort worst`,
    )
    .action(
      async (
        benchmark: string | undefined,
        { division = DEFAULT_DIVISION, sort, take, site: siteOption, json = false }: BoardOptions,
      ) => {
        if (benchmark === undefined) {
          if (division !== "closed") throw new UsageError("--division open: name a benchmark, as in board digits-mlp");
          const key = oneOf(overBoardsSorts, sort);
          return printOverBoards(await siteToRead(siteOption), { sort: key, take, json }, terminal);
        }
        const metric = oneOf(metricNames, sort);
        return printBoard(await siteToRead(siteOption), { benchmark, division, sort: metric, take, json }, terminal);
      },
    );
}

/** What `--sort` names; the first of `known` if it is left out. */
function oneOf<Name extends string>(known: readonly Name[], name: string = known[0]!): Name {
  const found = known.find((one) => one === name);
  if (found === undefined) throw new UsageError(`--sort: ${unknownName("order", name, known)}`);
  return found;
}

interface PrintedBoard {
  benchmark: string;
  division: Division;
  sort: MetricName;
  take: number;
  json: boolean;
}

async function printBoard(
  site: string,
  { benchmark, division, sort, take, json }: PrintedBoard,
  terminal: Terminal,
): Promise<void> {
  const answer = await ask(
    site,
    `/api/v1/benchmarks/${encodeURIComponent(benchmark)}?${new URLSearchParams({ division, sort, take: String(take) })}`,
    {},
    terminal,
  );
  const body: unknown = await answer.json();
  if (json) return terminal.out(`${JSON.stringify(body)}\n`);
  const { benchmark: about, rows } = boardSchema.parse(body);
  terminal.out(`${about.title}, version ${about.version}, ${division} division\n`);
  const metrics = [...new Set([sort, "accuracy", "esm"] as const)];
  terminal.out(
    table(
      ["method", "rank", ...metrics, "95 % interval", "n", "tier"],
      rows.map((row) => {
        const text = (value: number | null | undefined, metric: MetricName) =>
          typeof value !== "number"
            ? "–"
            : figures[metric].unit === "fraction"
              ? (100 * value).toFixed(1)
              : value.toPrecision(3);
        const { low = null, high = null } = row[sort] ?? {};
        const interval = low === null || high === null ? "–" : `${text(low, sort)} to ${text(high, sort)}`;
        const rank = formatBand(row.band) ?? "–";
        return [
          row.method,
          rank,
          ...metrics.map((metric) => text(row[metric]?.mean, metric)),
          interval,
          String(row.n),
          String(row.tier),
        ];
      }),
    ),
  );
}
