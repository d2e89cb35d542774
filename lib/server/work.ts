/**
 * `dmbench work`: works on the queue of a site until it is stopped, as one of any number of processes beside the site's
 * instances: it trains held-out runs and scores on large networks, for which functions live too short.
 */
import nextEnv from "@next/env";
import { closeDatabase, database } from "./database/client";
import { migrationGap } from "./database/migrations";
import { requirePostgres } from "./database/postgres";
import { env, SettingsError } from "./env";
import { jobKinds } from "./scoring/jobs";
import { abandonJobs, worker } from "./scoring/worker";
import { printStartError } from "./start-error";

const kinds = process.argv.slice(2);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);

try {
  nextEnv.loadEnvConfig(".", false, { info: () => {}, error: console.error });
  process.env.DMBENCH_SCORING = "process"; // the site's instances may do otherwise
  const { DATABASE_URL } = env();
  if (!DATABASE_URL)
    throw new SettingsError(
      "DATABASE_URL: expected postgresql://user:password@host:port/database, found nothing. npm start works on the " +
        "queue of its embedded database itself.",
    );
  await requirePostgres(DATABASE_URL);
  const { pending } = await migrationGap(database());
  if (pending.length > 0)
    throw new SettingsError(
      `The database is of an earlier version: it lacks ${pending.join(", ")}. Run npm run release.`,
    );
  worker(jobKinds.filter((kind) => kinds.length === 0 || kinds.includes(kind)));
  console.log("Working on the queue. Ctrl-C stops it; what is in progress is left to the others.");
  setInterval(() => {}, 2 ** 30); // the worker's own timers let a process end
} catch (error) {
  printStartError(error);
  process.exit(1);
}

async function stop(): Promise<void> {
  await abandonJobs();
  await closeDatabase();
  process.exit(0);
}
