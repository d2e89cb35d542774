/**
 * Links between an account and identities at other providers, each a further way to sign in. A link is made only if the
 * user asked for it in the same session shortly before: otherwise whoever gets a browser to a provider's callback could
 * add a way into somebody else's account.
 */
import "server-only";
import type { Refusal } from "@/lib/leaderboard";
import type { PrismaClient } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { isUniqueViolation } from "../database/errors";

/** How long the user has for signing in at the provider. */
const minutesToLink = 10;

/** The providers that an account is linked to. */
export async function linksOf(userId: string, db: Database = database()): Promise<string[]> {
  const accounts = await db.account.findMany({ where: { userId }, select: { provider: true } });
  return [...new Set(accounts.map(({ provider }) => provider))];
}

/** Notes that the user of a session wants to link a provider: the session's next sign-in there does it. */
export async function requestLink(sessionId: string, provider: string, db: Database = database()): Promise<void> {
  const linkingUntil = new Date(Date.now() + minutesToLink * 60_000);
  await db.session.update({ where: { id: sessionId }, data: { linking: provider, linkingUntil } });
}

/**
 * Links an identity to the account of a session that requested it; a request counts once.
 * @returns whether it is linked now, belongs to another account, or nobody asked for a link
 */
export async function completeLink(
  { id: userId, sessionId }: { id: string; sessionId: string },
  identity: { provider: string; providerAccountId: string },
  db: Database = database(),
): Promise<"linked" | "elsewhere" | "not requested"> {
  const requested = await db.session.updateMany({
    where: { id: sessionId, linking: identity.provider, linkingUntil: { gt: new Date() } },
    data: { linking: null, linkingUntil: null },
  });
  if (requested.count === 0) return "not requested";
  try {
    await db.account.create({ data: { userId, type: "oauth", ...identity } });
    return "linked";
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const { userId: owner } = await db.account.findUniqueOrThrow({
      where: { provider_providerAccountId: identity },
      select: { userId: true },
    });
    return owner === userId ? "linked" : "elsewhere";
  }
}

/** Removes the links to a provider. @returns why not, if nothing else would let the user in */
export const unlink = (userId: string, provider: string, db: PrismaClient = database()): Promise<Refusal | null> =>
  db.$transaction(async (tx) => {
    // Locked, so that two requests can't each remove what the other one relies on.
    const [user] = await tx.$queryRaw<{ password: boolean }[]>`
      SELECT password_hash IS NOT NULL AS password FROM "user" WHERE id = ${userId}::uuid FOR UPDATE`;
    const others = await tx.account.count({ where: { userId, provider: { not: provider } } });
    if (!user?.password && others === 0)
      return {
        reason: "invalid",
        field: "provider",
        expected: "another way to sign in besides this one",
        found: "none",
        remedy: "Link another provider first, or delete the account.",
      };
    await tx.account.deleteMany({ where: { userId, provider } });
    return null;
  });
