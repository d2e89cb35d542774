/** Personal tokens: created, listed and revoked by their owner. The secret is shown once and never stored. */
import "server-only";
import { z } from "zod";
import type { Refusal, Scope } from "@/lib/leaderboard";
import { scopeNames } from "@/lib/leaderboard";
import { textSchema } from "@/lib/records";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { newToken } from "./principal";

/** The most valid tokens that one account may have. */
const maxTokens = 20;

export const tokenRequestSchema = z.strictObject({
  name: textSchema({ max: 64 }),
  scopes: z.array(z.enum(scopeNames)).min(1).max(scopeNames.length),
});

export interface TokenInfo {
  id: string;
  name: string;
  scopes: Scope[];
  createdAt: Date;
  /** To the minute; null if never. */
  lastUsedAt: Date | null;
}

const columns = { id: true, name: true, scopes: true, createdAt: true, lastUsedAt: true } as const;

/** An account's valid tokens, newest first. */
export async function tokensOf(userId: string, db: Database = database()): Promise<TokenInfo[]> {
  const rows = await db.apiToken.findMany({
    where: { userId, revokedAt: null },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    select: columns,
  });
  return rows.map((row) => ({ ...row, scopes: row.scopes as Scope[] }));
}

/** Creates a token; this is the only time that `token` is returned. */
export async function makeToken(
  userId: string,
  { name, scopes }: z.infer<typeof tokenRequestSchema>,
  db: Database = database(),
): Promise<(TokenInfo & { token: string }) | { refusal: Refusal }> {
  const validTokens = await db.apiToken.count({ where: { userId, revokedAt: null } });
  if (validTokens >= maxTokens) {
    return {
      refusal: {
        reason: "too-many",
        field: "name",
        expected: `at most ${maxTokens} tokens in force`,
        found: String(validTokens),
        remedy: "Revoke one that you no longer use.",
      },
    };
  }
  const { token, hash } = newToken();
  const row = await db.apiToken.create({ data: { userId, name, hash, scopes: [...new Set(scopes)] }, select: columns });
  return { ...row, scopes: row.scopes as Scope[], token };
}

/** Revokes a token of this account for good; false if it has no such valid token. */
export async function revokeToken(userId: string, id: string, db: Database = database()): Promise<boolean> {
  const { count } = await db.apiToken.updateMany({
    where: { id, userId, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  return count > 0;
}
