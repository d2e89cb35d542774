/** Atom feeds, RFC 4287. */
import { escapeXml } from "./xml";

interface AtomEntry {
  /** An IRI that never changes. */
  id: string;
  title: string;
  /** Address of the page about it. */
  link: string;
  /** When it was first there. */
  published: Date;
  /** When what it says last changed. */
  updated: Date;
  /** Without a name the feed's author stands for it. */
  author?: string | null;
  /** Plain text. */
  summary: string;
}

export interface AtomFeed {
  id: string;
  title: string;
  /** Address of the page that it is a feed of. */
  page: string;
  /** Its own address. */
  self: string;
  /** When the feed last changed, if it has no entry. */
  since: Date;
  /** The latest first. */
  entries: readonly AtomEntry[];
}

/** A tag URI, RFC 4151: stays the same wherever a page moves to. @param origin the site's */
export const tagUri = (origin: string, path: string): string => `tag:${new URL(origin).hostname},2026:${path}`;

export function atomFeed({ id, title, page, self, since, entries }: AtomFeed): string {
  const [last = since] = entries.map((entry) => entry.updated).sort((a, b) => b.getTime() - a.getTime());
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    element("id", id),
    element("title", title),
    `<link rel="alternate" type="text/html" href="${escapeXml(page)}"/>`,
    `<link rel="self" type="application/atom+xml" href="${escapeXml(self)}"/>`,
    element("updated", last.toISOString()),
    `<author>${element("name", "DMBench")}</author>`,
    ...entries.map(
      (entry) =>
        `<entry>${element("id", entry.id)}${element("title", entry.title)}` +
        `<link rel="alternate" type="text/html" href="${escapeXml(entry.link)}"/>` +
        element("published", entry.published.toISOString()) +
        element("updated", entry.updated.toISOString()) +
        (entry.author ? `<author>${element("name", entry.author)}</author>` : "") +
        `${element("summary", entry.summary)}</entry>`,
    ),
    "</feed>\n",
  ].join("\n");
}

const element = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`;
