/** `dmbench work`: works on a site's queue. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { Failure } from "../exit";
import { readList } from "../list";
import type { Terminal } from "../terminal";

/** Kinds of work, and the jobs that each is. */
const kinds = {
  scores: ["score"],
  audits: ["audit", "weights"],
  boards: ["catch_up"],
  recordings: ["record"],
} as const;
type Kind = keyof typeof kinds;

const root = fileURLToPath(new URL("../../..", import.meta.url));

export function workCommand(program: Command, terminal: Terminal): void {
  program
    .command("work")
    .description("Work on the queue of a site on PostgreSQL, beside the instances that serve it.")
    .addOption(
      new Option("--kinds <kinds>", `of ${Object.keys(kinds).join(", ")} (default: all)`).argParser(parseKinds),
    )
    .addHelpText(
      "after",
      `
scores      what people who submitted a policy wait for
audits      training published runs again, and scoring on the weights that came with them, as DMBENCH_AUDIT_SECONDS says
boards      the missing scores of every policy on a run, such as a new one
recordings  held-out runs, as DMBENCH_RECORD says

The settings are the site's: DATABASE_URL, DMBENCH_BUCKET and its keys. Any number may work at once; one that is
stopped or dies leaves its work to the others.

Examples:
  npm run -s dmbench -- work
  npm run -s dmbench -- work --kinds recordings,audits,boards`,
    )
    .action(async ({ kinds: chosen = [] }: { kinds?: Kind[] }) => {
      const jobs = chosen.flatMap((kind) => kinds[kind]);
      const options = ["lib/server/dist/work.mjs", ...jobs];
      if (!existsSync(`${root}lib/server/dist`))
        throw new Failure("This copy of DMBench was never started or built. Run npm run generate once.");
      const child = spawn(process.execPath, options, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
      terminal.signal.addEventListener("abort", () => child.kill("SIGTERM"));
      const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
      if (code !== 0) throw new Failure(`The work ended (${signal ?? code}).`);
    });
}

function parseKinds(text: string): Kind[] {
  const chosen = readList(text);
  const unknown = chosen.find((kind) => !Object.hasOwn(kinds, kind));
  if (unknown !== undefined || chosen.length === 0)
    throw new InvalidArgumentError(`expected some of ${Object.keys(kinds).join(", ")}, found ${text}.`);
  return chosen as Kind[];
}
