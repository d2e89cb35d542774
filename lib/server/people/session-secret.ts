/** The secret that signs sessions, if none is set: generated at the first start and stored, so that sessions survive. */
import "server-only";
import { randomBytes, randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { dataPath, env } from "../env";

let secret: string | undefined;

/** What this site signs with: the secret of its settings, else the stored one. */
export const siteSecret = (): string => env().NEXTAUTH_SECRET ?? storedSecret();

/** This site's stored secret. */
function storedSecret(): string {
  secret ??= readOrCreateSecret(dataPath("session-secret"));
  return secret;
}

/** The secret in `file`, at least 43 characters; a missing or unfinished one is made. */
export const readOrCreateSecret = (file: string): string => read(file) ?? create(file);

/** Null if there is no secret, or one of which only a part was written. */
function read(file: string): string | null {
  try {
    const stored = readFileSync(file, "utf8").trim();
    return stored.length >= 43 ? stored : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Written beside it and then linked: the file is complete at any moment, and of several processes the first wins. */
function create(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}.partial`;
  writeFileSync(partial, randomBytes(32).toString("base64url"), { mode: 0o600, flush: true });
  try {
    if (!read(file)) rmSync(file, { force: true });
    linkSync(partial, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(partial, { force: true });
  }
  return read(file)!;
}
