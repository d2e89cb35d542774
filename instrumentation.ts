/** What the server does once, before its first answer. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { notePeers } = await import("@/lib/server/limits/client-address");
  notePeers();
}
