/** Values of `cache-control`. */

/**
 * Boards, alike for everybody: a CDN may answer with one for 5 s, and with an older one for a minute more while it fetches
 * the next (RFC 5861). A browser asks again, with the ETag. Never where the answer names the site's own address: with
 * another host in the request, that would be stored for all.
 */
export const sharedBriefly = "public, max-age=0, s-maxage=5, stale-while-revalidate=60";

/** What its address names by version or hash. */
export const immutable = "public, max-age=31536000, immutable";
