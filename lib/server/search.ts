/** Searches boards, policies and people by name. */
import "server-only";
import type { Database } from "./database/client";
import { database } from "./database/client";

export interface SearchResult {
  kind: "board" | "policy" | "person";
  title: string;
  detail: string;
  href: string;
}

/** At most `take` results of each kind, those whose title begins with the text first. */
export async function search(query: string, take: number, db: Database = database()): Promise<SearchResult[]> {
  const text = query.trim();
  if (text === "") return [];
  const contains = { contains: text.replace(/[\\%_]/g, "\\$&"), mode: "insensitive" as const };
  const anyOf = (...fields: string[]) => ({ OR: fields.map((field) => ({ [field]: contains })) });
  const [boards, policies, people] = await Promise.all([
    db.benchmark.findMany({
      where: anyOf("title", "slug"),
      distinct: ["slug"],
      orderBy: [{ slug: "asc" }, { version: "desc" }],
      take,
      select: { slug: true, title: true },
    }),
    db.policy.findMany({
      where: { hiddenAt: null, ...anyOf("name", "slug", "rule") },
      orderBy: [{ builtIn: { sort: "asc", nulls: "last" } }, { createdAt: "desc" }],
      take,
      select: { slug: true, name: true, rule: true },
    }),
    db.user.findMany({ where: anyOf("name"), orderBy: { name: "asc" }, take, select: { name: true } }),
  ]);
  const results: SearchResult[] = [
    ...boards.map(
      ({ slug, title }): SearchResult => ({ kind: "board", title, detail: slug, href: `/leaderboard/${slug}` }),
    ),
    ...policies.map(
      ({ slug, name, rule }): SearchResult => ({
        kind: "policy",
        title: name,
        detail: rule,
        href: `/policies/${slug}`,
      }),
    ),
    ...people.map(
      ({ name }): SearchResult => ({ kind: "person", title: name, detail: "", href: `/u/${encodeURIComponent(name)}` }),
    ),
  ];
  const isPrefixed = ({ title }: SearchResult) => title.toLowerCase().startsWith(text.toLowerCase());
  return [...results.filter(isPrefixed), ...results.filter((result) => !isPrefixed(result))];
}
