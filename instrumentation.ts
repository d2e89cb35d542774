/** Runs once when the server starts, before its first response. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { trustSocketAddress } = await import("@/lib/server/limits/client-address");
  const { settleOrigin } = await import("@/lib/server/site-origin");
  const { prepareRequests } = await import("@/lib/server/requests");
  prepareRequests();
  trustSocketAddress();
  settleOrigin();
}
