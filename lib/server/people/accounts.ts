/** Accounts: created here with a name and a password, or by the first sign-in through another provider. */
import "server-only";
import { z } from "zod";
import type { Refusal } from "@/lib/leaderboard";
import { textSchema } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import { bumpRevisions } from "../boards/refresh";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { isUniqueViolation } from "../database/errors";
import { checkPassword, hashPassword } from "./passwords";

const namePattern = /^[a-z0-9][a-z0-9_-]{1,31}$/;

/** Names are public, part of addresses, and case-insensitive. */
const nameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(namePattern, "2 to 32 letters, digits, hyphens or underscores, a letter or digit first");

export const signUpSchema = z.strictObject({
  name: nameSchema,
  // 256 characters: enough for any passphrase, and quick to hash.
  password: textSchema({ min: 8, max: 256, verbatim: true }),
});

export interface SignedInUser {
  id: string;
  name: string;
}

/** Creates a local account. */
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

/** The local account with this name and password; null if there is none. */
export async function signInWithPassword(
  credentials: { name: string; password: string },
  db: Database = database(),
): Promise<SignedInUser | null> {
  const name = credentials.name.trim().toLowerCase();
  // A name that can't exist is not looked up: PostgreSQL rejects NUL, for example.
  const user = namePattern.test(name)
    ? await db.user.findUnique({ where: { name }, select: { id: true, name: true, passwordHash: true } })
    : null;
  const right = await checkPassword(credentials.password.slice(0, 256), user?.passwordHash ?? null);
  return user && right ? { id: user.id, name: user.name } : null;
}

/** An identity at another provider. */
export interface ProviderIdentity {
  provider: string;
  /** The provider's id for the account, which never changes. */
  providerAccountId: string;
  /** The name there; the account's name is derived from it. */
  name: string;
  image: string | null;
}

/**
 * The account of an identity, created at its first sign-in. It is never linked to an existing account of the same name
 * or address: a provider must not be able to give anyone access to another person's account.
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
    const existing = await find();
    if (existing) return existing;
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

/**
 * Candidate names for an account: the preferred one, reduced to the allowed characters, then with a number appended.
 */
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
 * Deletes an account with its tokens. What it published stays, without an author. The log says that an account was
 * deleted, not whose.
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
