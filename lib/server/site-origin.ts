/** The public origin of this site, for absolute links. */

/** @param configured the public address in the settings. Default: the host that the request names */
export function siteOrigin(headers: Headers, configured: string | undefined): string {
  if (configured) return configured.replace(/\/$/, "");
  const host = headers.get("x-forwarded-host") ?? headers.get("host") ?? "localhost:3000";
  return `${headers.get("x-forwarded-proto") ?? "http"}://${host}`;
}
