/** `dmbench login`: stores a token of a site, for the commands that write there. */
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { z } from "zod";
import { UsageError } from "../exit";
import { ask, siteToRead, storeCredentials } from "../site";
import type { Terminal } from "../terminal";

const accountSchema = z.object({
  name: z.string(),
  scopes: z.array(z.string()).nullable(),
  quotas: z.array(z.object({ quota: z.string(), left: z.int(), limit: z.int() })),
});

export function loginCommand(program: Command, terminal: Terminal): void {
  program
    .command("login")
    .description("Keep a token of a site, made on its settings page.")
    .option("--site <address>", "the site (default: http://localhost:3000, or DMBENCH_SITE)")
    .addHelpText(
      "after",
      `
The token is asked for, or read from standard input or DMBENCH_TOKEN, never from an option: options can be
seen by others on the machine. It is kept in ~/.config/dmbench/credentials.json, readable by you alone.

Examples:
  npm run -s dmbench -- login --site https://dmbench.example
  npm run -s dmbench -- login < token.txt`,
    )
    .action(async ({ site: siteOption }: { site?: string }) => {
      const site = await siteToRead(siteOption);
      const token = await readToken(site);
      const { name, scopes, quotas } = accountSchema.parse(
        await (await ask(site, "/api/v1/account", { token }, terminal)).json(),
      );
      const file = await storeCredentials({ site, token });
      terminal.out(
        `Logged in to ${site} as ${name}. The token may: ${scopes?.join(", ") ?? "everything"}.\n` +
          `Left today: ${quotas.map(({ quota, left, limit }) => `${left} of ${limit} ${quota}`).join(", ")}.\n` +
          `Kept in ${file}.\n`,
      );
    });
}

async function readToken(site: string): Promise<string> {
  const token = (
    process.env.DMBENCH_TOKEN || (process.stdin.isTTY ? await promptForToken(site) : await text(process.stdin))
  ).trim();
  if (!/^dmb_[\w-]{43}$/.test(token)) {
    const found = token === "" ? "nothing" : `${token.length} characters`;
    throw new UsageError(
      `expected a token, dmb_ and 43 characters, found ${found}. ` +
        `Make one at ${site}/settings with the scope read and those that you need.`,
    );
  }
  return token;
}

async function promptForToken(site: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(`Token, from ${site}/settings: `);
  } finally {
    prompt.close();
  }
}
