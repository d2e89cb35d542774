/**
 * Seeds the database with the benchmarks and the built-in policies. Runs at each start, so that an upgrade adds new
 * ones.
 */
import "server-only";
import { isDeepStrictEqual } from "node:util";
import { builtInPolicies, policyHash } from "@/lib/dmbn/policy";
import { benchmarks, policyRulesVersion } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import { differingFields } from "@/lib/records";
import { lookAlikeKey } from "../look-alike";
import type { Database } from "./client";

/**
 * Adds missing benchmarks and policies, and updates titles and descriptions.
 * @throws Error if the recipe of an existing benchmark has changed: that needs a new version
 */
export async function seed(db: Database): Promise<void> {
  const storedBenchmarks = await db.benchmark.findMany();
  for (const { slug, version, title, summary, recipe } of benchmarks) {
    const present = storedBenchmarks.find((row) => row.slug === slug && row.version === version);
    if (has(present, { title, summary, recipe })) continue;
    const stored = await db.benchmark.upsert({
      where: { slug_version: { slug, version } },
      create: { slug, version, title, summary, recipe, dataset: recipe.dataset },
      update: { title, summary },
    });
    const before = stored.recipe as Recipe;
    for (const field of differingFields(before, recipe))
      throw new Error(
        `benchmark ${slug}, version ${version}: ${field} was ${before[field]} and is now ${recipe[field]}; ` +
          "give it a new version",
      );
  }
  await freeSlugs(db);
  const storedPolicies = await db.policy.findMany({ where: { builtIn: { not: null } } });
  for (const [builtIn, policy] of builtInPolicies.entries()) {
    const { slug, name, description, rule, document, source } = policy;
    const aliases = policy.aliases.map((alias) => ({ name: alias.name, source: { ...alias.source } }));
    const row = {
      slug,
      name,
      givenName: name,
      nameKey: lookAlikeKey(name),
      description,
      rule,
      kind: document.kind,
      document,
      aliases,
      sourceTitle: source.title,
      sourceUrl: source.url,
      builtIn,
    };
    const hash = policyHash(document);
    const present = storedPolicies.find((stored) => stored.hash === hash);
    if (has(present, row)) continue;
    // Keyed by hash: a policy is identified by its document, not its name.
    await db.policy.upsert({
      where: { hash },
      create: { ...row, hash, rulesVersion: policyRulesVersion },
      update: row,
    });
  }
}

/**
 * Frees the slugs of built-in policies that rows of other documents have. Where a built-in policy had another document
 * in an earlier version, that document's row keeps its scores, says what it was, and stands behind the others; the log
 * says why. (If it is another built-in policy now, it gets that one's slug and name next.)
 */
async function freeSlugs(db: Database): Promise<void> {
  const bySlug = new Map(builtInPolicies.map((policy) => [policy.slug, policy]));
  const byHash = new Map(builtInPolicies.map((policy) => [policyHash(policy.document), policy]));
  const stored = await db.policy.findMany({
    where: { slug: { in: [...bySlug.keys()] } },
    select: { id: true, slug: true, hash: true, givenName: true, builtIn: true },
  });
  for (const { id, slug, hash, givenName, builtIn } of stored) {
    const { name, document } = bySlug.get(slug)!;
    const newHash = policyHash(document);
    if (newHash === hash) continue;
    const formerSlug = `${slug}-${hash.slice(0, 8)}`;
    const formerName = `${givenName}, version 0.1`;
    const isNow = byHash.get(hash);
    const reason =
      builtIn === null
        ? `The address ${slug} belongs to a built-in policy now. This one moved to ${formerSlug}.`
        : `${name} is another document now (SHA-256 ${newHash}), with the variance that its source averages. What it ` +
          `was keeps its scores as ${isNow?.name ?? formerName}.`;
    await db.policy.update({
      where: { id },
      data:
        builtIn === null
          ? { slug: formerSlug }
          : {
              slug: formerSlug,
              name: formerName,
              givenName: formerName,
              nameKey: lookAlikeKey(formerName),
              builtIn: superseded,
            },
    });
    await db.logEntry.create({
      data: {
        action: "policy.superseded",
        subject: "policy",
        subjectId: id,
        detail: { slug: isNow?.slug ?? formerSlug, before: slug, hash, reason },
      },
    });
  }
}

/** The place of earlier versions' built-in policies: behind all others. */
const superseded = 10_000;

/** Whether a stored row has these values already: most starts have nothing to write. */
const has = (stored: Record<string, unknown> | undefined, values: Record<string, unknown>): boolean =>
  stored !== undefined && Object.entries(values).every(([field, value]) => isDeepStrictEqual(stored[field], value));
