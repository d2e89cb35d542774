/**
 * Seeds the database with the benchmarks and the built-in policies. Runs at each start, so that an upgrade adds new
 * ones.
 */
import "server-only";
import { isDeepStrictEqual } from "node:util";
import { builtInPolicies, policyHash } from "@/lib/dmbn/policy";
import { benchmarks, policyRulesVersion } from "@/lib/leaderboard";
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
    for (const [field, value] of Object.entries(recipe)) {
      const before = (stored.recipe as Record<string, unknown>)[field];
      if (before !== value)
        throw new Error(
          `benchmark ${slug}, version ${version}: ${field} was ${before} and is now ${value}; give it a new version`,
        );
    }
  }
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

/** Whether a stored row has these values already: most starts have nothing to write. */
const has = (stored: Record<string, unknown> | undefined, values: Record<string, unknown>): boolean =>
  stored !== undefined && Object.entries(values).every(([field, value]) => isDeepStrictEqual(stored[field], value));
