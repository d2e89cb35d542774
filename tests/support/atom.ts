/** Reads an Atom feed with a strict XML parser. Throws where it breaks RFC 4287. */
import type { Element } from "@xmldom/xmldom";
import { DOMParser } from "@xmldom/xmldom";

const atom = "http://www.w3.org/2005/Atom";

interface Entry {
  id: string;
  title: string;
  link: string;
  published: string;
  updated: string;
  author: string | null;
  summary: string;
}

interface Feed {
  id: string;
  title: string;
  updated: string;
  page: string;
  self: string;
  entries: Entry[];
}

export function readAtom(xml: string): Feed {
  const document = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(xml, "application/xml");
  const root = document.documentElement!;
  if (root.localName !== "feed" || root.namespaceURI !== atom)
    throw new Error(`expected an Atom feed, found ${root.tagName}`);
  const entries = children(root, "entry").map(
    (entry): Entry => ({
      id: iri(one(entry, "id")),
      title: one(entry, "title"),
      link: link(entry, "alternate"),
      published: time(one(entry, "published")),
      updated: time(one(entry, "updated")),
      author: optional(entry, "author"),
      summary: one(entry, "summary"),
    }),
  );
  if (new Set(entries.map(({ id }) => id)).size < entries.length) throw new Error("expected each id once"); // §4.1.1
  if (optional(root, "author") === null && entries.some(({ author }) => author === null))
    throw new Error("expected an author of the feed, as an entry has none"); // §4.1.1
  return {
    id: iri(one(root, "id")),
    title: one(root, "title"),
    updated: time(one(root, "updated")),
    page: link(root, "alternate"),
    self: link(root, "self"),
    entries,
  };
}

const children = (parent: Element, name: string): Element[] =>
  [...parent.childNodes].filter(
    (node): node is Element =>
      node.nodeType === 1 && (node as Element).localName === name && (node as Element).namespaceURI === atom,
  );

function optional(parent: Element, name: string): string | null {
  const found = children(parent, name);
  if (found.length > 1) throw new Error(`expected at most one ${name} in ${parent.tagName}, found ${found.length}`);
  return found[0] ? found[0].textContent : null;
}

function one(parent: Element, name: string): string {
  const text = optional(parent, name);
  if (text === null) throw new Error(`expected a ${name} in ${parent.tagName}`);
  return text;
}

function link(parent: Element, rel: string): string {
  const [found, ...others] = children(parent, "link").filter((one) => one.getAttribute("rel") === rel);
  if (!found || others.length > 0) throw new Error(`expected one link ${rel} in ${parent.tagName}`);
  return new URL(found.getAttribute("href") ?? "").href;
}

/** §4.2.6: absolute. */
function iri(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(text)) throw new Error(`expected an IRI, found ${text}`);
  return text;
}

/** §3.3: as RFC 3339. */
function time(text: string): string {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)) throw new Error(`expected a time, found ${text}`);
  return text;
}
