/** Runs once when the server starts, before its first response. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs" || process.env.NEXT_PHASE === "phase-production-build") return;
  if (process.env.NODE_ENV === "production") (await import("@/lib/server/deployment")).endWithoutSettings();
  const { trustSocketAddress } = await import("@/lib/server/limits/client-address");
  const { settleOrigin } = await import("@/lib/server/site-origin");
  const { prepareRequests } = await import("@/lib/server/requests");
  prepareRequests();
  const { watchTraffic } = await import("@/lib/server/traffic");
  watchTraffic();
  const { guardServers } = await import("@/lib/server/http-server");
  trustSocketAddress();
  settleOrigin();
  guardServers();
  const { env, isStartedByNpm, scoringMode } = await import("@/lib/server/env");
  if (env().DMBENCH_MIRROR_OF) (await import("@/lib/server/dumps/daily")).followInBackground();
  if (process.env.NODE_ENV !== "production") return;
  const { stopOnSignals } = await import("@/lib/server/shutdown");
  stopOnSignals();
  // `npm start` starts the worker when its site answers.
  if (scoringMode() === "process" && !isStartedByNpm()) (await import("@/lib/server/scoring/worker")).worker();
}
