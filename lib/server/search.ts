/** What a few letters could mean: boards, policies, people. */
import "server-only";
import type { Database } from "./database/client";
import { database } from "./database/client";

export interface Found {
  kind: "board" | "policy" | "person";
  title: string;
  detail: string;
  href: string;
}

/** At most `take` of each kind, those that begin with the words first. */
export async function search(words: string, take: number, db: Database = database()): Promise<Found[]> {
  const text = words.trim();
  if (text === "") return [];
  const contains = { contains: text.replace(/[\\%_]/g, "\\$&"), mode: "insensitive" as const };
  const either = (...fields: string[]) => ({ OR: fields.map((field) => ({ [field]: contains })) });
  const [boards, policies, people] = await Promise.all([
    db.benchmark.findMany({
      where: either("title", "slug"),
      distinct: ["slug"],
      orderBy: [{ slug: "asc" }, { version: "desc" }],
      take,
      select: { slug: true, title: true },
    }),
    db.policy.findMany({
      where: { hiddenAt: null, ...either("name", "slug", "rule") },
      orderBy: [{ builtIn: { sort: "asc", nulls: "last" } }, { createdAt: "desc" }],
      take,
      select: { slug: true, name: true, rule: true },
    }),
    db.user.findMany({ where: either("name"), orderBy: { name: "asc" }, take, select: { name: true } }),
  ]);
  const found: Found[] = [
    ...boards.map(({ slug, title }): Found => ({ kind: "board", title, detail: slug, href: `/leaderboard/${slug}` })),
    ...policies.map(
      ({ slug, name, rule }): Found => ({ kind: "policy", title: name, detail: rule, href: `/policies/${slug}` }),
    ),
    ...people.map(
      ({ name }): Found => ({ kind: "person", title: name, detail: "", href: `/u/${encodeURIComponent(name)}` }),
    ),
  ];
  const begins = ({ title }: Found) => title.toLowerCase().startsWith(text.toLowerCase());
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}
