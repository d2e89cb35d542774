import fc from "fast-check";
import { expect, it } from "vitest";
import { atomFeed, tagUri } from "@/lib/leaderboard";
import { readAtom } from "../support/atom";

const feed = {
  id: tagUri("https://bench.example:8443", "log"),
  title: "Log",
  page: "https://bench.example:8443/log",
  self: "https://bench.example:8443/api/v1/log/feed.xml",
  since: new Date("2026-01-02T03:04:05Z"),
};

/** As a parser gives it back: XML allows neither control characters nor halves of pairs, and ends each line with LF. */
const asParsed = (text: string): string =>
  [...text.replace(/\r\n?/g, "\n")]
    .filter((character) => /[\t\n]|[^\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(character))
    .join("");

const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("<", ">", "&", '"', "'", "]]>", "<!--", "&amp;", "\0", "\r\n", "é", "\ud800") }),
);

it("gives back every title, summary and author, whatever is in them", () => {
  fc.assert(
    fc.property(texts, texts, texts, (title, summary, author) => {
      const published = new Date("2026-11-22T10:00:00Z");
      const updated = new Date("2026-11-23T10:00:00Z");
      const entry = { id: tagUri(feed.page, "log/1"), title, link: feed.page, published, updated, author, summary };
      const read = readAtom(atomFeed({ ...feed, title, entries: [entry] }));
      expect(read.title).toBe(asParsed(title));
      expect(read.entries).toEqual([
        {
          ...entry,
          title: asParsed(title),
          summary: asParsed(summary),
          author: author === "" ? null : asParsed(author),
          published: published.toISOString(),
          updated: updated.toISOString(),
        },
      ]);
    }),
    { numRuns: 300 },
  );
});

it("gives back every address", () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
      const address = new URL(`${url}${url.includes("?") ? "&" : "?"}a=1&b="'`).href;
      expect(readAtom(atomFeed({ ...feed, self: address, entries: [] })).self).toBe(address);
    }),
  );
});

it("was updated when the latest of its entries was, whatever their order", () => {
  const entryOf = (day: number) => ({
    id: tagUri(feed.page, `log/${day}`),
    title: "t",
    link: feed.page,
    published: feed.since,
    updated: new Date(Date.UTC(2026, 10, day)),
    summary: "s",
  });
  expect(readAtom(atomFeed({ ...feed, entries: [3, 9, 5].map(entryOf) })).updated).toBe("2026-11-09T00:00:00.000Z");
  expect(readAtom(atomFeed({ ...feed, entries: [] })).updated).toBe("2026-01-02T03:04:05.000Z");
});

it("has ids without the site's port or scheme", () => {
  expect(feed.id).toBe("tag:bench.example,2026:log");
  expect(tagUri("http://bench.example", "log")).toBe(feed.id);
});
