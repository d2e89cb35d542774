/** Reads momentum policies. */
import "server-only";
import type { Issue } from "@/lib/records";
import { isText } from "@/lib/records";
import { Prisma } from "@/prisma/generated/client";
import type { Standing } from "../boards/standings";
import { policyAnswer, standings } from "../boards/standings";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { ScoringState } from "../scoring/state";
import { scoringOf } from "../scoring/state";

export interface PolicySummary {
  slug: string;
  hash: string;
  name: string;
  description: string;
  /** The rule in one readable line. */
  rule: string;
  kind: string;
  /** A policy document of `lib/dmbn/policy`. */
  document: unknown;
  source: { title: string; url: string | null } | null;
  builtIn: boolean;
  /** Null for a built-in. */
  author: string | null;
  createdAt: Date;
}

export interface PolicyDetail extends PolicySummary {
  /** Other names under which the same document was published. */
  aliases: { name: string; source: { title: string; url: string | null } }[];
  forkOf: { slug: string; name: string } | null;
  forks: { slug: string; name: string }[];
  standings: Standing[];
  /** What the boards say of it, in words; empty before any has scored it. */
  answer: string;
  /** The progress of its scores on reference trajectories. */
  scoring: ScoringState[];
  /** Why its document can no longer be read; empty if it can. */
  issues: Issue[];
}

const columns = {
  id: true,
  slug: true,
  hash: true,
  name: true,
  description: true,
  rule: true,
  kind: true,
  document: true,
  aliases: true,
  sourceTitle: true,
  sourceUrl: true,
  builtIn: true,
  createdAt: true,
  author: { select: { name: true } },
} satisfies Prisma.PolicySelect;

/** Neither hidden nor unreadable. */
export const listedPolicy = { hiddenAt: null, issues: { equals: Prisma.DbNull } } satisfies Prisma.PolicyWhereInput;

/** The built-in policies in their order, then the newest 500 of users; `policyPage` continues from there. */
export const listPolicies = async (db: Database = database()): Promise<PolicySummary[]> =>
  (await policyPage({ take: 500 }, db)).policies;

export interface PolicyPage {
  policies: PolicySummary[];
  /** The `after` of the next page; undefined on the last page. */
  last: string | undefined;
}

/** A page of policies: those of users, newest first; the first page begins with the built-in ones. */
export async function policyPage(
  { take, after }: { take: number; after?: string | undefined },
  db: Database = database(),
): Promise<PolicyPage> {
  const builtIn = after
    ? []
    : await db.policy.findMany({
        where: { ...listedPolicy, builtIn: { not: null } },
        orderBy: { builtIn: "asc" },
        select: columns,
      });
  const rows = await db.policy.findMany({
    where: { ...listedPolicy, builtIn: null },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take,
    ...(after && { cursor: { id: after }, skip: 1 }),
    select: columns,
  });
  return { policies: [...builtIn, ...rows].map(summary), last: rows.length === take ? rows.at(-1)!.id : undefined };
}

/** The most forks that are listed, the newest first. */
const MOST_FORKS = 100;

/** A policy with its standings; null if there is none, or if it is hidden and `hiddenToo` is false. */
export async function policy(slug: string, db: Database = database(), hiddenToo = false): Promise<PolicyDetail | null> {
  if (!isText(slug)) return null;
  const lineage = { select: { slug: true, name: true } };
  const row = await db.policy.findFirst({
    where: { slug, ...(!hiddenToo && { hiddenAt: null }) },
    select: {
      ...columns,
      issues: true,
      forkOf: lineage,
      forks: { where: listedPolicy, orderBy: { createdAt: "desc" }, take: MOST_FORKS, ...lineage },
    },
  });
  if (!row) return null;
  const policyStandings = await standings(row.id, db);
  return {
    ...summary(row),
    aliases: row.aliases as PolicyDetail["aliases"],
    forkOf: row.forkOf,
    forks: row.forks,
    standings: policyStandings,
    answer: await policyAnswer(row.id, policyStandings, db),
    scoring: await scoringOf(row.id, db),
    issues: (row.issues ?? []) as unknown as Issue[],
  };
}

function summary(row: Prisma.PolicyGetPayload<{ select: typeof columns }>): PolicySummary {
  const { slug, hash, name, description, rule, kind, document, createdAt } = row;
  return {
    slug,
    hash,
    name,
    description,
    rule,
    kind,
    document,
    source: row.sourceTitle ? { title: row.sourceTitle, url: row.sourceUrl } : null,
    builtIn: row.builtIn !== null,
    author: row.author?.name ?? null,
    createdAt,
  };
}
