/** Atom feeds, as the API serves them. */
import type { AtomFeed } from "@/lib/leaderboard";
import { atomFeed, tagUri } from "@/lib/leaderboard";
import { siteOrigin } from "@/lib/server/site-origin";
import { revalidated, Tagged } from "./serialize";

export const feedMedia = ["application/atom+xml"] as const;

export const feedAnswers = { 200: "The feed", 304: "Nothing has changed since the answer with this ETag" } as const;

/** The most entries of a feed. */
export const feedLength = 50;

interface Feed {
  title: string;
  /** Path of the page that it is a feed of. Its entries' ids and links are paths too. */
  page: string;
  since?: Date;
  entries: AtomFeed["entries"];
}

export function feed(request: Request, { title, page, since = new Date(0), entries }: Feed): Response {
  const origin = siteOrigin(request.headers);
  const { pathname, search } = new URL(request.url);
  const xml = atomFeed({
    id: tagUri(origin, page),
    title,
    page: origin + page,
    self: origin + pathname + search,
    since,
    entries: entries.map((entry) => ({ ...entry, id: tagUri(origin, entry.id), link: origin + entry.link })),
  });
  return revalidated(request, new Tagged(xml), {
    "content-type": `${feedMedia[0]}; charset=utf-8`,
    "cache-control": "public, no-cache",
  });
}
