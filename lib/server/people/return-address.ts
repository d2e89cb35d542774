/** Where people return to after signing in or out: always an address of this site, whatever a link asked for. */

/**
 * The requested address as an absolute URL of this site; its front page if it is of another site, or none.
 * @param origin this site's
 */
export function returnAddress(requested: unknown, origin: string): string {
  if (typeof requested !== "string" || !URL.canParse(requested, origin)) return origin;
  const { href, pathname, search, hash } = new URL(requested, origin);
  // Not a comparison of origins: blob: URLs have that of their page, and a user's name would be kept.
  return href.startsWith(`${origin}/`) ? `${origin}${localPath(pathname)}${search}${hash}` : origin;
}

/** The same without the origin, for a redirect within this site. */
export const returnPath = (requested: unknown, origin: string): string =>
  returnAddress(requested, origin).slice(origin.length) || "/";

/** A path with one slash in front: two would name a host. */
const localPath = (pathname: string): string => pathname.replace(/^\/+/, "/");
