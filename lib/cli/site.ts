/** Client of a site's API: the site's address, the stored token, requests with retries, and errors. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { makeFolder } from "@/lib/datasets/make-folder";
import { formatIssue, issueSchema } from "@/lib/records";
import { Failure, UsageError } from "./exit";
import { reasonOf } from "./reasons";
import type { Terminal } from "./terminal";

const credentialsSchema = z.object({ site: z.url(), token: z.string().min(1) });

export type Credentials = z.infer<typeof credentialsSchema>;

/** Where the token is stored, readable by its owner alone. */
const credentialsFile = (): string =>
  join(process.env.XDG_CONFIG_HOME || join(homedir(), ".config"), "dmbench", "credentials.json");

/** Stores the credentials for later commands; returns the file's path. */
export async function storeCredentials(credentials: Credentials): Promise<string> {
  const file = credentialsFile();
  try {
    await makeFolder(dirname(file), 0o700);
    await writeFile(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
    await chmod(file, 0o600); // for a file that existed already
  } catch (error) {
    throw new Failure(`${file} can't be written: ${reasonOf(error)}. Without it, set DMBENCH_TOKEN.`);
  }
  return file;
}

/** The credentials of the last `dmbench login`; null if there are none. */
async function storedCredentials(): Promise<Credentials | null> {
  const file = credentialsFile();
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new Failure(`${file} can't be read: ${reasonOf(error)}.`);
  });
  if (text === null) return null;
  try {
    return credentialsSchema.parse(JSON.parse(text));
  } catch {
    throw new Failure(`${file} is not what \`dmbench login\` writes. Log in again.`);
  }
}

/** The site to read from: the `--site` option, else DMBENCH_SITE, else that of the login, else this machine's. */
export async function siteToRead(siteOption: string | undefined): Promise<string> {
  return siteAddress(
    siteOption ?? process.env.DMBENCH_SITE ?? (await storedCredentials())?.site ?? "http://localhost:3000",
  );
}

/** Site and token to write with: from DMBENCH_TOKEN, else from the login. A stored token is sent only to its site. */
export async function siteToWrite(siteOption: string | undefined): Promise<Credentials> {
  const { DMBENCH_TOKEN: token } = process.env;
  if (token) return { site: await siteToRead(siteOption), token };
  const stored = await storedCredentials();
  if (!stored || (siteOption !== undefined && siteAddress(siteOption) !== stored.site)) {
    const [to, option] = siteOption === undefined ? ["", ""] : [` to ${siteOption}`, ` --site ${siteOption}`];
    throw new UsageError(
      `not logged in${to}. Make a token at /settings of the site, then: npm run -s dmbench -- login${option}`,
    );
  }
  return stored;
}

/**
 * The origin of a site's address.
 * @throws UsageError where `text` is no such address
 */
function siteAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--site: expected an address such as https://dmbench.example, found ${JSON.stringify(text)}`);
  return url.origin;
}

interface Request {
  method?: "GET" | "POST" | "PUT";
  token?: string;
  /** Sent as JSON, or as it is. */
  body?: unknown;
}

/** Retries where the site can't be reached or asks to wait. */
const RETRIES = 3;

/**
 * A successful response of the API.
 * @throws Failure with the site's explanation, field by field
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
    ...(body !== undefined && {
      "content-type": body instanceof Uint8Array ? "application/octet-stream" : "application/json",
    }),
  };
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(`${site}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
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
    const problem = response instanceof Error ? "can't be reached" : `answered ${response.status}`;
    terminal.err(`${site} ${problem}; trying again in ${waitSeconds} s\n`);
    await setTimeout(1000 * waitSeconds, undefined, { signal: terminal.signal });
  }
}

const problemSchema = z.object({ detail: z.string(), errors: z.array(issueSchema).default([]) });

async function failureOf(site: string, response: Response | Error): Promise<Failure> {
  if (response instanceof Error)
    return new Failure(
      `${site} can't be reached: ${(response.cause as Error | undefined)?.message || response.message}`,
    );
  const problem = problemSchema.safeParse(await response.json().catch(() => null));
  if (!problem.success) return new Failure(`${site} answered ${response.status} without a reason`);
  const { detail, errors } = problem.data;
  return new Failure(errors.length > 1 ? errors.map(formatIssue).join("\n") : detail);
}
