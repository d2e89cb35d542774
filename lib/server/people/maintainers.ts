/** Maintainers: the accounts that DMBENCH_MAINTAINERS names, as of each start. */
import "server-only";
import type { Database } from "../database/client";
import { env } from "../env";

/**
 * Gives the maintainer role to exactly the accounts in `names`; without the setting nobody's role changes.
 * @returns the names without an account
 */
export async function appointMaintainers(
  db: Database,
  names: readonly string[] | undefined = env().DMBENCH_MAINTAINERS,
): Promise<string[]> {
  if (!names) return [];
  const accounts = await db.user.findMany({
    where: { OR: [{ name: { in: [...names] } }, { role: "maintainer" }] },
    select: { id: true, name: true, role: true },
  });
  for (const { id, name, role } of accounts) {
    const newRole = names.includes(name) ? "maintainer" : "user";
    if (newRole === role) continue;
    await db.user.update({ where: { id }, data: { role: newRole } });
    await db.logEntry.create({
      data: {
        action: newRole === "maintainer" ? "maintainer.appointed" : "maintainer.dismissed",
        subject: "account",
        subjectId: id,
        detail: {},
      },
    });
  }
  return names.filter((name) => !accounts.some((account) => account.name === name));
}
