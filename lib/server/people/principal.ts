/**
 * Authenticates a request: by the session cookie of someone who signed in, or by a program's personal token. Only a
 * token's SHA-256 is stored.
 */
import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Scope } from "@/lib/leaderboard";
import { Batches } from "../batches";
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
  const holder = await holders.add(db, hash);
  if (!holder) invalidTokens.set(hash, true);
  return holder;
}

/** Who holds the token of a hash; null if it is unknown or revoked. */
const holders = new Batches<Database, string, Principal | null>(async (db, hashes) => {
  // Raw SQL, since Prisma's nested select is two statements: this runs on every request with a token.
  const rows = await db.$queryRaw<
    (CurrentUser & { hash: string; tokenId: string; scopes: Scope[]; lastUsedAt: Date | null })[]
  >`
    SELECT token.hash, token.id::text AS "tokenId", token.scopes, token.last_used_at AS "lastUsedAt",
           "user".id::text, "user".name, "user".role::text
    FROM api_token AS token JOIN "user" ON "user".id = token.user_id
    WHERE token.hash = ANY(${[...new Set(hashes)]}::text[]) AND token.revoked_at IS NULL`;
  const now = new Date();
  const used = rows.filter(
    ({ lastUsedAt }) => !lastUsedAt || now.getTime() - lastUsedAt.getTime() > lastUsedPrecisionMs,
  );
  // Skips what another instance is writing now, which is as good; else two could wait for each other's rows.
  if (used.length > 0)
    await db.$executeRaw`
      UPDATE api_token SET last_used_at = ${now} WHERE id IN (
        SELECT id FROM api_token WHERE id = ANY(${used.map(({ tokenId }) => tokenId)}::uuid[]) FOR UPDATE SKIP LOCKED)`;
  const byHash = new Map(rows.map(({ hash, tokenId: _token, lastUsedAt: _at, ...holder }) => [hash, holder] as const));
  return hashes.map((hash) => byHash.get(hash) ?? null);
});
