/** Ends the site's process in order when it is told to stop. */
import "server-only";
import { closeDatabase } from "./database/client";
import { drain } from "./http-server";
import { abandonJobs } from "./scoring/worker";
import { shutdownSeconds } from "./shutdown-seconds";

/** Ctrl-C reaches the site directly, through npm and through `npm start`: what follows within this time is the same. */
const sameSignalMs = 1000;

/** How long the queue and the database may take to close. */
const closingMs = 10_000;

/**
 * From now on, SIGINT, SIGTERM and SIGHUP finish the requests in progress, close the database and exit with 0; a second
 * signal exits at once. Replaces Next's own handlers, which wait for idle connections and leave the database open.
 */
export function stopOnSignals(): void {
  let first: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (first === undefined) void stop();
      else if (performance.now() - first > sameSignalMs) process.exit(1);
      first ??= performance.now();
    });
  }
}

async function stop(): Promise<void> {
  const cutOff = await drain(1000 * shutdownSeconds);
  if (cutOff > 0) console.warn(`Stopping: ${cutOff} requests took longer than ${shutdownSeconds} s and were cut off.`);
  setTimeout(() => process.exit(1), closingMs).unref();
  await abandonJobs();
  await closeDatabase();
  process.exit(0);
}
