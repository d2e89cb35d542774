/** Where readers reach this site: what links for others begin with. */

/** @param configured the public address of the settings; absent: whatever host the request names */
export function siteOrigin(headers: Headers, configured: string | undefined): string {
  if (configured) return configured.replace(/\/$/, "");
  const host = headers.get("x-forwarded-host") ?? headers.get("host") ?? "localhost:3000";
  return `${headers.get("x-forwarded-proto") ?? "http"}://${host}`;
}
