/** `dmbench export`: a board of a site as a file, the same as its page exports. */
import type { Command } from "commander";
import type { Division } from "@/lib/leaderboard";
import { exportFormatNames } from "@/lib/leaderboard";
import { UsageError } from "../exit";
import { choice, DEFAULT_DIVISION, divisionOption } from "../options";
import { prepareFile, writeWhole } from "../output";
import { ask, siteToRead } from "../site";
import type { Terminal } from "../terminal";

interface ExportOptions {
  format: string;
  division?: Division;
  view: string;
  out?: string;
  site?: string;
}

export function exportCommand(program: Command, terminal: Terminal): void {
  program
    .command("export")
    .description("Write a view of a benchmark's board as a file.")
    .argument("<benchmark>", "such as digits-mlp")
    .addOption(
      choice("--format <format>", `one of ${exportFormatNames.join(", ")}`, "format", exportFormatNames).default("csv"),
    )
    .addOption(divisionOption())
    .option("--view <parameters>", "what stands behind the ? in the address of the board's page", "")
    .option("--out <file>", "where to write it (default: standard output; Parquet needs a file)")
    .option("--site <address>", "the site (default: that of the login)")
    .addHelpText(
      "after",
      `
Examples:
  npm run -s dmbench -- export digits-mlp > digits.csv
  npm run -s dmbench -- export digits-mlp --format latex --view "division=open&sort=esm"
  npm run -s dmbench -- export digits-mlp --format parquet --out digits.parquet`,
    )
    .action(async (benchmark: string, { format, division, view, out, site: siteOption }: ExportOptions) => {
      if (out === undefined && format === "parquet") throw new UsageError("--format parquet: name a file with --out");
      if (out !== undefined) await prepareFile(out);
      const site = await siteToRead(siteOption);
      const parameters = new URLSearchParams(view.replace(/^\?/, ""));
      parameters.set("division", division ?? parameters.get("division") ?? DEFAULT_DIVISION);
      parameters.set("format", format);
      const answer = await ask(
        site,
        `/api/v1/benchmarks/${encodeURIComponent(benchmark)}/export?${parameters}`,
        {},
        terminal,
      );
      if (out === undefined) return terminal.out(await answer.text());
      await writeWhole(out, new Uint8Array(await answer.arrayBuffer()));
      terminal.err(`wrote ${out}\n`);
    });
}
