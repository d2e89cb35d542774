/**
 * Maintainers: accounts that DMBENCH_MAINTAINERS names and that have claimed the role. A name alone gives nothing, since
 * anyone may have taken it: the claim needs a one-time code, which only the log of the start has. The role is then the
 * account's, until the setting no longer names it.
 */
import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Refusal } from "@/lib/leaderboard";
import { textSchema } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { env } from "../env";

const codeDays = 7;

/** A name that waits to be claimed, and the code that claims it. */
export interface MaintainerClaim {
  name: string;
  code: string;
}

/**
 * Takes the role from accounts that `names` lacks, and makes new codes for those names whose account has not claimed it;
 * earlier codes end. Without the setting nobody's role changes.
 * @returns the codes, to be printed: only their hashes are stored
 */
export const prepareMaintainers = (
  db: PrismaClient,
  names: readonly string[] | undefined = env().DMBENCH_MAINTAINERS,
): Promise<MaintainerClaim[]> =>
  db.$transaction(async (tx) => {
    const maintainers = await tx.user.findMany({ where: { role: "maintainer" }, select: { id: true, name: true } });
    for (const { id, name } of maintainers) if (names?.includes(name) === false) await setRole(tx, id, "user");
    const claims = [...new Set(names)]
      .filter((name) => !maintainers.some((maintainer) => maintainer.name === name))
      .map((name) => ({
        name,
        code: randomBytes(10)
          .toString("hex")
          .replace(/(.{4})(?=.)/g, "$1-"),
      }));
    await tx.maintainerCode.deleteMany({ where: { name: { notIn: claims.map(({ name }) => name) } } });
    // Other processes of the site may start at the same time: the code of the last one counts.
    for (const { name, code } of claims) {
      const row = { hash: hashOf(code), createdAt: new Date() };
      await tx.maintainerCode.upsert({ where: { name }, create: { name, ...row }, update: row });
    }
    return claims;
  });

const hashOf = (code: string): string =>
  createHash("sha256")
    .update(code.toLowerCase().replace(/[^0-9a-f]/g, ""))
    .digest("hex");

const isRecent = () => ({ createdAt: { gt: new Date(Date.now() - codeDays * 86_400_000) } });

export const maintainerClaimSchema = z.strictObject({
  code: textSchema({ max: 64 }).describe("From the log of the site's last start; good once, for 7 days"),
});

/** Makes an account a maintainer, if the code is that of its name. @returns why not, if it is refused */
export const claimMaintainer = (
  { id, name }: { id: string; name: string },
  { code }: z.infer<typeof maintainerClaimSchema>,
  db: PrismaClient = database(),
): Promise<Refusal | null> =>
  db.$transaction(async (tx) => {
    const { count } = await tx.maintainerCode.deleteMany({ where: { name, hash: hashOf(code), ...isRecent() } });
    if (count > 0) {
      await setRole(tx, id, "maintainer");
      return null;
    }
    return {
      reason: "invalid",
      field: "code",
      expected: `the code that the last start of the site printed for ${name}`,
      found: "another one",
      remedy: "Look for DMBENCH_MAINTAINERS in the site's log. Each start prints new codes; each is good once.",
    };
  });

/** Whether the setting names an account that has not claimed the role. */
export const mayClaim = async (name: string, db: Database = database()): Promise<boolean> =>
  (await db.maintainerCode.count({ where: { name, ...isRecent() } })) > 0;

async function setRole(tx: Database, id: string, role: "user" | "maintainer"): Promise<void> {
  const { count } = await tx.user.updateMany({ where: { id, role: { not: role } }, data: { role } });
  if (count === 0) return;
  await tx.logEntry.create({
    data: {
      action: role === "maintainer" ? "maintainer.appointed" : "maintainer.dismissed",
      subject: "account",
      subjectId: id,
      detail: {},
    },
  });
}
