/**
 * Who asks: someone with the session cookie of a sign-in, or a program with a
 * personal token. A token is kept as its SHA-256: what it is, its owner alone
 * knows.
 */
import "server-only";
import { createHash, randomBytes } from "node:crypto";
import type { Scope } from "@/lib/leaderboard";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { CurrentUser } from "./auth";
import { currentUser } from "./auth";

export interface Caller extends CurrentUser {
  /** What the token may do; null for a session, which may do whatever its user may. */
  scopes: readonly Scope[] | null;
}

/** Tokens begin so: people and secret scanners recognise them. */
const prefix = "dmb_";

/** A fresh token, 256 bits, and the hash to keep of it. */
export function newToken(): { token: string; hash: string } {
  const token = prefix + randomBytes(32).toString("base64url");
  return { token, hash: tokenHash(token) };
}

// One round of SHA-256: 256 random bits can't be guessed, however fast one hashes.
const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");

/** The token of an `Authorization: Bearer …` header; null without one. */
const bearer = (request: Request): string | null =>
  /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;

/** Whether the request brings a token, so that its cookies don't count. */
export const bringsToken = (request: Request): boolean => request.headers.has("authorization");

/** The caller; null for someone not signed in, and for a token that does not hold. */
export async function callerOf(request: Request, db: Database = database()): Promise<Caller | null> {
  if (bringsToken(request)) return holderOf(bearer(request), db);
  const user = await currentUser();
  return user && { ...user, scopes: null };
}

/** Milliseconds between two notes of when a token was used: not one write for each request. */
const noteEvery = 60_000;

async function holderOf(token: string | null, db: Database): Promise<Caller | null> {
  if (!token?.startsWith(prefix)) return null;
  // One statement, where a nested select would be two: it stands before every request of a program.
  const [row] = await db.$queryRaw<(CurrentUser & { tokenId: string; scopes: Scope[]; lastUsedAt: Date | null })[]>`
    SELECT token.id::text AS "tokenId", token.scopes, token.last_used_at AS "lastUsedAt", "user".id::text, "user".name, "user".role::text
    FROM api_token AS token JOIN "user" ON "user".id = token.user_id
    WHERE token.hash = ${tokenHash(token)} AND token.revoked_at IS NULL`;
  if (!row) return null;
  const { tokenId, lastUsedAt, ...holder } = row;
  const now = new Date();
  if (!lastUsedAt || now.getTime() - lastUsedAt.getTime() > noteEvery)
    await db.$executeRaw`UPDATE api_token SET last_used_at = ${now} WHERE id = ${tokenId}::uuid`;
  return holder;
}
