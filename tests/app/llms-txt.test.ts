/** /llms.txt names pages and boards that exist. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { GET } from "@/app/llms.txt/route";
import { benchmarks } from "@/lib/leaderboard";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("lists every board, and links to pages and files of this site alone", async () => {
  const text = await GET(new Request("https://site.test/llms.txt", { headers: { host: "site.test" } })).text();
  const links = [...text.matchAll(/^- \[.+\]\((.+)\): .+$/gm)].map(([, address]) => new URL(address!));
  expect(new Set(links.map(({ host }) => host))).toEqual(new Set(["site.test"]));
  const boards = links.filter(({ pathname }) => pathname.startsWith("/api/v1/benchmarks/"));
  expect(boards.map(({ pathname }) => pathname.split("/")[4])).toEqual(benchmarks.map(({ slug }) => slug));
  for (const link of links.filter((link) => !boards.includes(link))) {
    const pathname = link.pathname.replace(/^(\/docs\/.+)\.md$/, "$1"); // of each page: app/docs/markdown
    const exists = [`app${pathname}/page.tsx`, `app${pathname}/route.ts`, `public${pathname}`].some((path) =>
      existsSync(root + path),
    );
    expect(exists, pathname).toBe(true);
  }
});
