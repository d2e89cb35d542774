/** Who the maintainers are: the accounts that the setting names, from the next start on. */
import "server-only";
import type { Database } from "../database/client";
import { env } from "../env";

/**
 * Makes maintainers of exactly the accounts of `names`; without the setting nobody's role changes.
 * @returns names that no account has
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
    const wanted = names.includes(name) ? "maintainer" : "user";
    if (wanted === role) continue;
    await db.user.update({ where: { id }, data: { role: wanted } });
    await db.logEntry.create({
      data: {
        action: wanted === "maintainer" ? "maintainer.appointed" : "maintainer.dismissed",
        subject: "account",
        subjectId: id,
        detail: {},
      },
    });
  }
  return names.filter((name) => !accounts.some((account) => account.name === name));
}
