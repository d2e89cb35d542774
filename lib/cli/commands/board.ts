/** `dmbench board`: prints a board of a site. */
import type { Command } from "commander";
import { z } from "zod";
import type { Division } from "@/lib/leaderboard";
import { formatBand } from "@/lib/leaderboard";
import type { MetricName } from "@/lib/records";
import { figures, metricFields, metricNames } from "@/lib/records";
import { choice, DEFAULT_DIVISION, divisionOption, number } from "../options";
import { ask, siteToRead } from "../site";
import { table } from "../table";
import type { Terminal } from "../terminal";

interface BoardOptions {
  division?: Division;
  sort: MetricName;
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
    .description("Show a benchmark's board.")
    .argument("<benchmark>", "such as digits-mlp")
    .addOption(divisionOption())
    .addOption(choice("--sort <metric>", "which metric puts them in order", "metric", metricNames).default("accuracy"))
    .addOption(number("--take <n>", "how many rows", z.int().min(1).max(1000)).default(20))
    .option("--site <address>", "the site (default: that of the login)")
    .option("--json", "print the API's answer")
    .addHelpText("after", "\nExample:\n  npm run -s dmbench -- board digits-mlp --take 5")
    .action(
      async (
        benchmark: string,
        { division = DEFAULT_DIVISION, sort, take, site: siteOption, json = false }: BoardOptions,
      ) => {
        const site = await siteToRead(siteOption);
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
      },
    );
}
