/** `dmbench datasets`: lists data sets, fetches one, verifies one. */
import type { Command } from "commander";
import { datasetInfo, datasets } from "@/lib/datasets";
import { datasetStatus, loadStoredDataset, openDatasetFile } from "@/lib/datasets/store";
import { megabytes, storeOptions } from "../data-folders";
import { UsageError } from "../exit";
import { unknownName } from "../names";
import { table } from "../table";
import type { Terminal } from "../terminal";

export function datasetsCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command("datasets")
    .description("List, fetch and verify data sets.")
    .addHelpText(
      "after",
      `
Data sets are read from DMBENCH_DATASETS_DIR where that is set, else kept in .data/datasets (DMBENCH_DATA_DIR).

Examples:
  npm run -s dmbench -- datasets list
  npm run -s dmbench -- datasets fetch fashion-mnist
  DMBENCH_DATASETS_DIR=~/data npm run -s dmbench -- datasets verify cifar-10`,
    );

  command
    .command("list")
    .description("Every data set and where its copy is.")
    .option("--json", "print JSON")
    .action(async ({ json = false }: { json?: boolean }) => {
      const rows = await Promise.all(
        datasets.map(async (info) => ({ info, status: await datasetStatus(info, storeOptions(terminal)) })),
      );
      if (json) {
        terminal.out(
          `${JSON.stringify(
            rows.map(({ info: { slug, name, version }, status: { source, missing } }) => ({
              slug,
              name,
              version,
              source,
              missing,
            })),
            null,
            2,
          )}\n`,
        );
        return;
      }
      terminal.out(
        table(
          ["data set", "classes", "training", "test", "copy", "MB"],
          rows.map(({ info, status }) => [
            info.slug,
            String(info.classes.length),
            String(info.trainCount),
            String(info.testCount),
            status.source ?? "none yet",
            status.source ? megabytes(status.bytes) : `${megabytes(info.downloadBytes)} to fetch`,
          ]),
        ),
      );
    });

  command
    .command("fetch")
    .description("Make sure a data set is on this machine, and checked.")
    .argument("<name>", "data set")
    .action(async (name: string) => {
      const info = known(name);
      const sources = new Set<string>();
      for (const file of info.files) {
        const stored = await openDatasetFile(info, file.name, storeOptions(terminal));
        if (stored) sources.add(stored.source);
      }
      terminal.out(`${name}: here and checked (${[...sources].join(", ")}).\n`);
    });

  command
    .command("verify")
    .description("Check a data set's files, decode them and print their fingerprint. Downloads nothing.")
    .argument("<name>", "data set")
    .action(async (name: string) => {
      const { train, test, subset, hash } = await loadStoredDataset(known(name), {
        ...storeOptions(terminal),
        download: false,
      });
      terminal.out(
        `${name}: ${train.count} training and ${test.count} test images${subset ? `, a subset (${subset})` : ""}.\n` +
          `SHA-256 ${hash}\n`,
      );
    });
}

function known(name: string) {
  const slugs = datasets.map(({ slug }) => slug);
  if (!slugs.includes(name)) throw new UsageError(unknownName("data set", name, slugs));
  return datasetInfo(name);
}
