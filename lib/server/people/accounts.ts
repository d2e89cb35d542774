/**
 * Accounts: made here with a name and a password, or by another provider's
 * word at the first sign-in through it.
 */
import "server-only";
import { z } from "zod";
import type { Refusal } from "@/lib/leaderboard";
import type { PrismaClient } from "@/prisma/generated/client";
import { bumpRevisions } from "../boards/refresh";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { isUniqueViolation } from "../database/errors";
import { checkPassword, hashPassword } from "./passwords";

const namePattern = /^[a-z0-9][a-z0-9_-]{1,31}$/;

/** Names are public, in addresses, and the same in capitals. */
const nameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(namePattern, "2 to 32 letters, digits, hyphens or underscores, a letter or digit first");

export const signUpSchema = z.strictObject({
  name: nameSchema,
  // 256: long enough for any sentence, short enough to hash at once.
  password: z.string().min(8, "at least 8 characters").max(256, "at most 256 characters"),
});

export interface SignedInUser {
  id: string;
  name: string;
}

/** Makes a local account. */
export async function signUp(
  { name, password }: z.infer<typeof signUpSchema>,
  db: Database = database(),
): Promise<{ user: SignedInUser } | { refusal: Refusal }> {
  const passwordHash = await hashPassword(password);
  try {
    return { user: await db.user.create({ data: { name, passwordHash }, select: { id: true, name: true } }) };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return {
      refusal: {
        reason: "name-taken",
        field: "name",
        expected: "a name that nobody has",
        found: name,
        remedy: "Choose another name, or sign in if it is yours.",
      },
    };
  }
}

/** The local account with this name and password; null where there is none. */
export async function signInWithPassword(
  credentials: { name: string; password: string },
  db: Database = database(),
): Promise<SignedInUser | null> {
  const name = credentials.name.trim().toLowerCase();
  // Postgres takes no NUL; nor does a name that can exist.
  const user = namePattern.test(name)
    ? await db.user.findUnique({ where: { name }, select: { id: true, name: true, passwordHash: true } })
    : null;
  const right = await checkPassword(credentials.password.slice(0, 256), user?.passwordHash ?? null);
  return user && right ? { id: user.id, name: user.name } : null;
}

/** Who signed in at another provider. */
export interface ProviderIdentity {
  provider: string;
  /** The provider's own, unchanging id. */
  providerAccountId: string;
  /** What they are called there; the account's name is made from it. */
  name: string;
  image: string | null;
}

/**
 * The account that belongs to an identity, made at its first sign-in. Never an
 * existing account of the same name or address: a provider's word does not give
 * one person another's account.
 */
export async function accountOf(identity: ProviderIdentity, db: Database = database()): Promise<SignedInUser> {
  const { provider, providerAccountId, image } = identity;
  const find = async () =>
    (
      await db.account.findUnique({
        where: { provider_providerAccountId: { provider, providerAccountId } },
        select: { user: { select: { id: true, name: true } } },
      })
    )?.user;
  for (const name of namesLike(identity.name)) {
    const known = await find();
    if (known) return known;
    try {
      return await db.user.create({
        data: { name, image, accounts: { create: { type: "oauth", provider, providerAccountId } } },
        select: { id: true, name: true },
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error; // the name is taken, or the same sign-in ran twice
    }
  }
  throw new Error(`no free name like ${identity.name}`);
}

function* namesLike(wanted: string): Generator<string> {
  const slug = wanted
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^[-_]+|-+$/g, "")
    .slice(0, 26);
  const base = namePattern.test(slug) ? slug : "user";
  yield base;
  for (let n = 2; n < 10_000; n += 1) yield `${base}-${n}`;
}

/**
 * Deletes an account with its tokens; what it published stays, by nobody. The log keeps that an account went, not
 * whose.
 */
export async function deleteAccount(id: string, db: PrismaClient = database()): Promise<void> {
  await db.$transaction(async (tx) => {
    const boards = await tx.boardRow.findMany({
      where: { policy: { authorId: id } },
      distinct: ["benchmarkId", "division"],
      select: { benchmarkId: true, division: true },
    });
    await tx.user.delete({ where: { id } });
    await tx.logEntry.create({ data: { action: "account.deleted", subject: "account", subjectId: id, detail: {} } });
    await bumpRevisions(tx, boards);
  });
}
