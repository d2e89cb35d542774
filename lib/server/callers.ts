/**
 * Who asks: someone with the session cookie of a sign-in, or a program with a
 * personal token. A token is kept as its SHA-256: what it is, its owner alone
 * knows.
 */
import "server-only";
import { createHash, randomBytes } from "node:crypto";
import type { Scope } from "@/lib/leaderboard";
import { currentUser } from "./auth";
import type { CurrentUser } from "./auth";
import { database } from "./db";
import type { Database } from "./db";

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
const bearer = (request: Request): string | null => /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;

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
  const row = await db.apiToken.findUnique({
    where: { hash: tokenHash(token) },
    select: { id: true, scopes: true, revokedAt: true, lastUsedAt: true, user: { select: { id: true, name: true, role: true } } },
  });
  if (!row || row.revokedAt) return null;
  const now = new Date();
  if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() > noteEvery) await db.apiToken.update({ where: { id: row.id }, data: { lastUsedAt: now } });
  return { ...row.user, scopes: row.scopes as Scope[] };
}
