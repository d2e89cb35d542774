/** `dmbench export`: a board of a site as a file, or the one over all its boards; the same as its page exports. */
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

/** What the board over all boards can be written as. */
const formatsOfAll = ["csv", "json"];

export function exportCommand(program: Command, terminal: Terminal): void {
  program
    .command("export")
    .description("Write a view of a benchmark's board, or of the one over all boards, as a file.")
    .argument("[benchmark]", "such as digits-mlp (default: all boards, as csv or json)")
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
  npm run -s dmbench -- export digits-mlp --format parquet --out digits.parquet
  npm run -s dmbench -- export --view "variant=bn&sort=worst" > boards.csv`,
    )
    .action(async (benchmark: string | undefined, { format, division, view, out, site: siteOption }: ExportOptions) => {
      if (out === undefined && format === "parquet") throw new UsageError("--format parquet: name a file with --out");
      if (benchmark === undefined && !formatsOfAll.includes(format))
        throw new UsageError(`--format ${format}: name a benchmark; all boards are ${formatsOfAll.join(" or ")}`);
      if (benchmark === undefined && division === "open")
        throw new UsageError("--division open: name a benchmark, as in export digits-mlp");
      if (out !== undefined) await prepareFile(out);
      const site = await siteToRead(siteOption);
      const parameters = new URLSearchParams(view.replace(/^\?/, ""));
      parameters.set("format", format);
      let board = "leaderboard";
      if (benchmark === undefined) {
        parameters.delete("rows"); // how many the page shows: a file has all
      } else {
        parameters.set("division", division ?? parameters.get("division") ?? DEFAULT_DIVISION);
        board = `benchmarks/${encodeURIComponent(benchmark)}/export`;
      }
      const answer = await ask(site, `/api/v1/${board}?${parameters}`, {}, terminal);
      if (out === undefined) return terminal.out(await answer.text());
      await writeWhole(out, new Uint8Array(await answer.arrayBuffer()));
      terminal.err(`wrote ${out}\n`);
    });
}
