/** Accounts: created here with a name and a password, or by the first sign-in through another provider. */
import "server-only";
import { z } from "zod";
import type { Refusal } from "@/lib/leaderboard";
import { characterCount, textSchema } from "@/lib/records";
import type { Prisma, PrismaClient } from "@/prisma/generated/client";
import { bumpRevisions } from "../boards/revisions";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { isUniqueViolation } from "../database/errors";
import { lookAlikeKey } from "../look-alike";
import { boardsWith, lockNames, printNames } from "../policies/names";
import { checkPassword, hashPassword } from "./passwords";
import { isReservedName } from "./reserved-names";
import type { SignedInUser } from "./sessions";
import { endSessions } from "./sessions";
import { expectedInsteadOf, passwordRemedy } from "./weak-passwords";

const namePattern = /^[a-z0-9][a-z0-9_-]{1,31}$/;

/** Names are public, part of addresses, and case-insensitive. */
const nameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(namePattern, "2 to 32 letters, digits, hyphens or underscores, a letter or digit first");

// 256 characters: enough for any passphrase, and quick to hash.
export const passwordSchema = textSchema({ min: 8, max: 256, verbatim: true });

export const signUpSchema = z
  .strictObject({
    name: nameSchema.refine((name) => !isReservedName(name), {
      error: "a name that looks like no word of the site itself",
      params: { remedy: "Choose another name." },
    }),
    password: passwordSchema,
  })
  .superRefine(({ name, password }, context) => {
    const expected = expectedInsteadOf(password, name);
    if (expected)
      context.addIssue({
        code: "custom",
        path: ["password"],
        message: expected,
        params: { remedy: passwordRemedy },
      });
  });

const signedIn = { id: true, name: true, sessionVersion: true } as const;

/**
 * Creates an account, and takes its name for good.
 * @throws a unique violation if the name, or one that looks like it, was ever given out
 */
const createAccount = (data: Prisma.UserCreateInput, db: PrismaClient): Promise<SignedInUser> =>
  db.$transaction(async (tx) => {
    await tx.accountName.create({ data: { key: lookAlikeKey(data.name) } });
    return tx.user.create({ data, select: signedIn });
  });

/** Creates a local account. */
export async function signUp(
  { name, password }: z.infer<typeof signUpSchema>,
  db: PrismaClient = database(),
): Promise<{ user: SignedInUser } | { refusal: Refusal }> {
  const passwordHash = await hashPassword(password);
  try {
    return { user: await createAccount({ name, passwordHash }, db) };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return {
      refusal: {
        reason: "name-taken",
        field: "name",
        expected: "a name that nobody has or had, and that looks like no such name",
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
    ? await db.user.findUnique({ where: { name }, select: { ...signedIn, passwordHash: true } })
    : null;
  const { passwordHash = null, ...found } = user ?? {};
  // No password is longer than 256 code points, which are at most 512 units; what is longer need not be hashed.
  const right = await checkPassword(credentials.password.slice(0, 513), passwordHash);
  return right ? (found as SignedInUser) : null;
}

/** Whether an account has a password here, rather than signing in through a provider. */
export const hasPassword = async (id: string, db: Database = database()): Promise<boolean> =>
  (await db.user.count({ where: { id, passwordHash: { not: null } } })) > 0;

export const passwordChangeSchema = z.strictObject({
  current: textSchema({ max: 256, verbatim: true }),
  password: passwordSchema,
});

/** Changes the password of someone who knows it; all other sessions end. @returns why not, if it is refused */
export async function changePassword(
  { id, name, sessionId }: { id: string; name: string; sessionId: string },
  { current, password }: z.infer<typeof passwordChangeSchema>,
  db: PrismaClient = database(),
): Promise<Refusal | null> {
  const { passwordHash } = await db.user.findUniqueOrThrow({ where: { id }, select: { passwordHash: true } });
  if (!(await checkPassword(current, passwordHash)))
    return {
      reason: "invalid",
      field: "current",
      expected: "the password of this account",
      found: passwordHash ? "another one" : "an account without a password, which signs in through a provider",
      remedy: passwordHash
        ? "Try again; a maintainer of the site can reset a password that is lost."
        : "Change your password there.",
    };
  const expected = expectedInsteadOf(password, name);
  if (expected)
    return {
      reason: "invalid",
      field: "password",
      expected,
      found: `${characterCount(password)} characters`,
      remedy: passwordRemedy,
    };
  await setPassword(id, password, { keepSession: sessionId, db });
  return null;
}

/** Replaces an account's password, and ends its sessions. @param keepSession the id of one that goes on */
export async function setPassword(
  userId: string,
  password: string,
  { keepSession, db = database() }: { keepSession?: string; db?: PrismaClient } = {},
): Promise<void> {
  const passwordHash = await hashPassword(password);
  await db.$transaction(async (tx) => {
    await tx.user.update({ where: { id: userId }, data: { passwordHash } });
    await endSessions(userId, keepSession === undefined ? {} : { but: keepSession }, tx);
  });
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
export async function accountOf(identity: ProviderIdentity, db: PrismaClient = database()): Promise<SignedInUser> {
  const { provider, providerAccountId, image } = identity;
  const find = async () =>
    (
      await db.account.findUnique({
        where: { provider_providerAccountId: { provider, providerAccountId } },
        select: { user: { select: signedIn } },
      })
    )?.user;
  for (const name of namesLike(identity.name)) {
    const existing = await find();
    if (existing) return existing;
    try {
      return await createAccount(
        { name, image, accounts: { create: { type: "oauth", provider, providerAccountId } } },
        db,
      );
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
  const base = namePattern.test(slug) && !isReservedName(slug) ? slug : "newcomer";
  yield base;
  for (let n = 2; n < 10_000; n += 1) yield `${base}-${n}`;
}

/**
 * Deletes an account with its tokens and its measurements of machines. What else it published stays, without an author.
 * The log says that an account was deleted, not whose.
 */
export async function deleteAccount(id: string, db: PrismaClient = database()): Promise<void> {
  await db.$transaction(async (tx) => {
    const boards = await boardsWith(tx, { policy: { authorId: id } });
    const policies = await tx.policy.findMany({ where: { authorId: id }, select: { nameKey: true } });
    const nameKeys = policies.flatMap(({ nameKey }) => nameKey ?? []);
    await lockNames(tx, nameKeys);
    await tx.user.delete({ where: { id } });
    await tx.logEntry.create({ data: { action: "account.deleted", subject: "account", subjectId: id, detail: {} } });
    await bumpRevisions(tx, [...boards, ...(await printNames(tx, nameKeys))]);
  });
}
