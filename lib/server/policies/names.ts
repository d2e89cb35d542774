/**
 * The names of policies as they are printed. A name that looks like another policy's stands with its author, so that no
 * two people's policies can be taken for each other; built-in policies have their names to themselves.
 */
import "server-only";
import { builtInPolicies } from "@/lib/dmbn/policy";
import type { Prisma, PrismaClient } from "@/prisma/generated/client";
import type { Board } from "../boards/revisions";
import { bumpRevisions } from "../boards/revisions";
import type { Database } from "../database/client";
import { lookAlikeKey } from "../look-alike";

const builtInKeys = new Set(
  builtInPolicies
    .flatMap(({ name, slug, aliases }) => [name, slug, ...aliases.map((alias) => alias.name)])
    .map((name) => lookAlikeKey(name)),
);

/** Whether a name looks like one of a built-in policy. */
export const isBuiltInName = (name: string): boolean => builtInKeys.has(lookAlikeKey(name));

interface NamedPolicy {
  givenName: string;
  builtIn: number | null;
  author: { name: string } | null;
}

/**
 * A policy's name as it is printed.
 * @param shared whether another policy's name looks like it
 */
function printedName({ givenName, builtIn, author }: NamedPolicy, shared: boolean): string {
  if (builtIn !== null) return givenName;
  // A name that ends like the mark of an author gets that of its own, so that it can't pass for another's.
  const isMarked = /\p{Pe}\P{L}*$/u.test(givenName.normalize("NFKC"));
  return shared || isMarked ? `${givenName} (${author?.name ?? "deleted account"})` : givenName;
}

/**
 * Waits for other transactions that give names of these keys, and makes them wait for this one. Call it before any
 * change that `printNames` looks at; always in one order, so that two transactions can't deadlock.
 */
export async function lockNames(tx: Database, nameKeys: readonly string[]): Promise<void> {
  for (const key of [...new Set(nameKeys)].sort())
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`policy name ${key}`}, 0))::text`;
}

/**
 * Prints the names of the policies with these keys anew, inside the transaction that added or changed one of them.
 * @returns the boards that show a changed name, for `bumpRevisions`
 */
export async function printNames(tx: Database, nameKeys: readonly string[]): Promise<Board[]> {
  const policies = await tx.policy.findMany({
    where: { nameKey: { in: [...new Set(nameKeys)] } },
    select: { id: true, name: true, givenName: true, nameKey: true, builtIn: true, author: { select: { name: true } } },
  });
  const renamed: string[] = [];
  for (const policy of policies) {
    const shared = policies.some((other) => other !== policy && other.nameKey === policy.nameKey);
    const name = printedName(policy, shared);
    if (name === policy.name) continue;
    await tx.policy.update({ where: { id: policy.id }, data: { name } });
    renamed.push(policy.id);
  }
  return boardsWith(tx, { policyId: { in: renamed } });
}

/** The boards with these rows. */
export const boardsWith = (tx: Database, where: Prisma.BoardRowWhereInput): Promise<Board[]> =>
  tx.boardRow.findMany({
    where,
    distinct: ["benchmarkId", "division"],
    select: { benchmarkId: true, division: true },
  });

/** Names the policies that were stored before names had keys, and those that share a name with a new built-in one. */
export async function nameStoredPolicies(db: PrismaClient): Promise<void> {
  await db.$transaction(
    async (tx) => {
      const stored = await tx.policy.findMany({ where: { nameKey: null }, select: { id: true, givenName: true } });
      const keys = [...stored.map(({ givenName }) => lookAlikeKey(givenName)), ...builtInKeys];
      await lockNames(tx, keys);
      for (const { id, givenName } of stored)
        await tx.policy.update({ where: { id }, data: { nameKey: lookAlikeKey(givenName) } });
      await bumpRevisions(tx, await printNames(tx, keys));
    },
    { timeout: 600_000 },
  );
}
