/**
 * Brings a database up to this version, as each start and each release does. Idempotent: interrupted at any moment, or
 * begun by several processes at once, it ends in the same state.
 */
import "server-only";
import { refreshStaleBoards } from "./boards/refresh";
import { alone } from "./database/alone";
import type { OpenDatabase } from "./database/client";
import { migrate } from "./database/migrate";
import type { MigrationGap } from "./database/migrations";
import { migrationGap } from "./database/migrations";
import { seed } from "./database/seed";
import { limitSessions } from "./database/time-limits";
import { deleteExpired } from "./limits/rate-limits";
import { prepareMaintainers } from "./people/maintainers";
import { deleteExpiredSessions } from "./people/sessions";
import { checkStoredPolicies } from "./policies/check-stored";
import { nameStoredPolicies } from "./policies/names";
import { checkStoredRuns } from "./runs/check-stored";
import { StartError } from "./start-error";

/** A later version has upgraded the database. This one may serve it: migrations leave what it needs in place. */
export class UpgradedByLaterVersion extends StartError {
  override name = "UpgradedByLaterVersion";
}

/**
 * Applies migrations, and brings benchmarks, built-in policies, boards and maintainers up to date.
 * @param say takes each line of what was done
 * @throws UpgradedByLaterVersion if a later version was here, StartError if one of another line of development was;
 *   nothing is changed then
 */
export const prepareDatabase = (opened: OpenDatabase, say: (line: string) => void = console.log): Promise<void> =>
  alone(
    opened,
    () => say("Waiting for another process that brings this database up to date …"),
    async () => {
      const db = opened.client;
      refuseGoingBack(await migrationGap(db));
      for (const name of await migrate(opened)) say(`Database: applied ${name}`);
      if (!opened.embedded) await limitSessions(db);
      await seed(db);
      await nameStoredPolicies(db);
      await deleteExpired(db);
      await deleteExpiredSessions(db);
      const policies = await checkStoredPolicies(db);
      if (policies.checked > 0)
        say(`Policies read again: ${policies.checked}; ${policies.unreadable} can't be, and rank nowhere`);
      const runs = await checkStoredRuns(db);
      if (runs.checked > 0)
        say(`Runs checked against the rules: ${runs.checked}; ${runs.contradicting} contradict them`);
      await refreshStaleBoards(db);
      for (const { name, code } of await prepareMaintainers(db))
        say(
          `DMBENCH_MAINTAINERS: ${name} has not claimed the role. Sign in on the site as ${name}, which may be a new ` +
            `account, and enter on /settings: ${code}`,
        );
    },
  );

function refuseGoingBack({ pending, unknown }: MigrationGap): void {
  if (unknown.length === 0) return;
  const found = `The database has migrations that this version of DMBench doesn't know (${unknown.join(", ")})`;
  if (pending.length > 0)
    throw new StartError(
      `${found}, and lacks some that it needs (${pending.join(", ")}): they come from two lines of development. ` +
        "Nothing was changed. Install a version that has both, or name another database in DATABASE_URL.",
    );
  throw new UpgradedByLaterVersion(
    `${found}: a later version has upgraded it. This version changes nothing in it. It can serve it as it is until ` +
      "the later one takes over (npm start); to release, install that one.",
  );
}
