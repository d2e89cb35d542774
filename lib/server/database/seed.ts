/**
 * Seeds the database with the benchmarks and the built-in policies. Runs at each start, so that an upgrade adds new
 * ones.
 */
import "server-only";
import { builtInPolicies, policyHash } from "@/lib/dmbn/policy";
import { benchmarks, policyRulesVersion } from "@/lib/leaderboard";
import { lookAlikeKey } from "../look-alike";
import type { Database } from "./client";

/**
 * Adds missing benchmarks and policies, and updates titles and descriptions.
 * @throws Error if the recipe of an existing benchmark has changed: that needs a new version
 */
export async function seed(db: Database): Promise<void> {
  for (const { slug, version, title, summary, recipe } of benchmarks) {
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
    // Keyed by hash: a policy is identified by its document, not its name.
    await db.policy.upsert({
      where: { hash },
      create: { ...row, hash, rulesVersion: policyRulesVersion },
      update: row,
    });
  }
}
