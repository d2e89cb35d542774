/**
 * Authenticates a request: by the session cookie of someone who signed in, or by a program's personal token. Only a
 * token's SHA-256 is stored.
 */
import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Scope } from "@/lib/leaderboard";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { currentUser } from "./auth";
import type { CurrentUser } from "./sessions";

export interface Principal extends CurrentUser {
  /** Absent for a token. */
  sessionId?: string;
  /** The token's scopes; null for a session, which may do anything its user may. */
  scopes: readonly Scope[] | null;
}

/** Tokens begin with this, so that people and secret scanners recognise them. */
const prefix = "dmb_";

/** A new random token of 256 bits, and the hash to store. */
export function newToken(): { token: string; hash: string } {
  const token = prefix + randomBytes(32).toString("base64url");
  return { token, hash: tokenHash(token) };
}

// One round of SHA-256 is enough: 256 random bits can't be guessed, however fast the hash is.
const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");

/** The token of an `Authorization: Bearer …` header; null without one. */
const bearerToken = (request: Request): string | null =>
  /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;

/** Whether the request has an `Authorization` header; its cookies are ignored then. */
export const hasToken = (request: Request): boolean => request.headers.has("authorization");

/** The principal of a request; null without a session or token, and for a token that is unknown or revoked. */
export async function authenticate(request: Request, db: Database = database()): Promise<Principal | null> {
  if (hasToken(request)) return tokenHolder(bearerToken(request), db);
  const user = await currentUser();
  return user && { ...user, scopes: null };
}

/** `lastUsedAt` is written at most once per this many milliseconds, rather than on every request. */
const lastUsedPrecisionMs = 60_000;

const tokenPattern = /^dmb_[\w-]{43}$/;

/**
 * Hashes of tokens that are unknown or revoked, so that sending one again doesn't ask the database. They stay so: a new
 * token is drawn from 2^256, and none is made valid again.
 */
const invalidTokens = new LRUCache<string, true>({ max: 10_000 });

async function tokenHolder(token: string | null, db: Database): Promise<Principal | null> {
  if (!token || !tokenPattern.test(token)) return null;
  const hash = tokenHash(token);
  if (invalidTokens.has(hash)) return null;
  // Raw SQL, since Prisma's nested select is two statements: this runs on every request with a token.
  const [row] = await db.$queryRaw<(CurrentUser & { tokenId: string; scopes: Scope[]; lastUsedAt: Date | null })[]>`
    SELECT token.id::text AS "tokenId", token.scopes, token.last_used_at AS "lastUsedAt",
           "user".id::text, "user".name, "user".role::text
    FROM api_token AS token JOIN "user" ON "user".id = token.user_id
    WHERE token.hash = ${hash} AND token.revoked_at IS NULL`;
  if (!row) {
    invalidTokens.set(hash, true);
    return null;
  }
  const { tokenId, lastUsedAt, ...holder } = row;
  const now = new Date();
  if (!lastUsedAt || now.getTime() - lastUsedAt.getTime() > lastUsedPrecisionMs)
    await db.$executeRaw`UPDATE api_token SET last_used_at = ${now} WHERE id = ${tokenId}::uuid`;
  return holder;
}
