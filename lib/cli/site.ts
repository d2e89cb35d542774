/**
 * The site that the command speaks with, by its API: where it is, the token, and what it answers when something is
 * wrong.
 */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { formatIssue, issueSchema } from "@/lib/records";
import { Failure, UsageError } from "./exit";
import type { Terminal } from "./terminal";

const credentialsSchema = z.object({ site: z.url(), token: z.string().min(1) });

export type Credentials = z.infer<typeof credentialsSchema>;

/** Where the token is kept, for its owner's eyes alone. */
const credentialsFile = (): string =>
  join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "dmbench", "credentials.json");

/** Keeps them for the commands to come; returns the file. */
export async function keepCredentials(credentials: Credentials): Promise<string> {
  const file = credentialsFile();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  await chmod(file, 0o600); // also where it was there before
  return file;
}

/** What `dmbench login` kept; null before. */
async function keptCredentials(): Promise<Credentials | null> {
  const file = credentialsFile();
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new Failure(`${file}: ${error.message}`);
  });
  if (text === null) return null;
  try {
    return credentialsSchema.parse(JSON.parse(text));
  } catch {
    throw new Failure(`${file} is not what \`dmbench login\` writes. Log in again.`);
  }
}

/** A site to read from: the one asked for, else the one of the login, else one on this machine. */
export async function siteToRead(asked: string | undefined): Promise<string> {
  return siteAddress(
    asked ?? process.env["DMBENCH_SITE"] ?? (await keptCredentials())?.site ?? "http://localhost:3000",
  );
}

/**
 * Site and token to write with: from DMBENCH_TOKEN, else from the login. A token goes to its own site and to no other.
 */
export async function siteToWrite(asked: string | undefined): Promise<Credentials> {
  const { DMBENCH_TOKEN: token } = process.env;
  if (token) return { site: await siteToRead(asked), token };
  const kept = await keptCredentials();
  if (!kept || (asked !== undefined && siteAddress(asked) !== kept.site))
    throw new UsageError(
      `not logged in${asked === undefined ? "" : ` to ${asked}`}. Make a token at /settings of the site, then: npm run -s dmbench -- login${asked === undefined ? "" : ` --site ${asked}`}`,
    );
  return kept;
}

/** An origin. @throws UsageError where it is no address of a site */
function siteAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--site: expected an address such as https://dmbench.example, found ${JSON.stringify(text)}`);
  return url.origin;
}

interface Request {
  method?: "GET" | "POST";
  token?: string;
  body?: unknown;
}

/** Tries after the first, where the site can't be reached or asks to wait. */
const RETRIES = 3;

/**
 * An answer of the API that tells no problem.
 * @throws Failure with what the site says is wrong, field by field
 */
export async function ask(
  site: string,
  path: string,
  { method = "GET", token, body }: Request,
  terminal: Pick<Terminal, "err" | "signal">,
): Promise<Response> {
  const headers = {
    accept: "application/json",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(`${site}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: terminal.signal,
    }).catch((error: Error) => error);
    if (response instanceof Response && response.ok) return response;
    const waitSeconds =
      response instanceof Error
        ? 2 ** attempt
        : response.status === 429
          ? Number(response.headers.get("retry-after") ?? 1)
          : response.status >= 500
            ? 2 ** attempt
            : null;
    if (waitSeconds === null || attempt >= RETRIES || waitSeconds > 60 || terminal.signal.aborted)
      throw await failureOf(site, response);
    terminal.err(
      `${response instanceof Error ? `${site} can't be reached` : `${site} answered ${response.status}`}; trying again in ${waitSeconds} s\n`,
    );
    await setTimeout(1000 * waitSeconds, undefined, { signal: terminal.signal });
  }
}

const problemSchema = z.object({ detail: z.string(), errors: z.array(issueSchema).default([]) });

async function failureOf(site: string, response: Response | Error): Promise<Failure> {
  if (response instanceof Error)
    return new Failure(
      `${site} can't be reached: ${(response.cause as Error | undefined)?.message || response.message}`,
    );
  const told = problemSchema.safeParse(await response.json().catch(() => null));
  if (!told.success) return new Failure(`${site} answered ${response.status} without a reason`);
  const { detail, errors } = told.data;
  return new Failure(errors.length > 1 ? errors.map(formatIssue).join("\n") : detail);
}
