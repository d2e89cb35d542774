/** Policies named on the command line: `all`, slugs of published ones, or expressions of β. */
import { builtInPolicies, policyHash, PolicyError, schedule, type MomentumPolicy } from "@/lib/dmbn/policy";
import type { NamedPolicy } from "./conduct";
import { UsageError } from "./exit";
import { unknownName } from "./names";

const SLUG = /^[a-z][a-z0-9²]*(-[a-z0-9.]+)*$/i;

/**
 * The policies that `text` lists, with commas between them; commas inside parentheses belong to an expression.
 * @throws UsageError for an unknown name, with the nearest; for an expression that isn't one; and for a repetition
 */
export function policiesNamed(text: string): NamedPolicy[] {
  if (text.trim() === "all") return builtInPolicies.map(({ slug, document }) => ({ slug, document }));
  const policies = text.split(/,(?![^(]*\))/).map((part) => policyNamed(part.trim()));
  const repeated = policies.find(({ slug }, index) => policies.findIndex((other) => other.slug === slug) < index);
  if (repeated) throw new UsageError(`--policies names ${repeated.slug} twice.`);
  if (policies.length > 64) throw new UsageError(`--policies: expected at most 64, found ${policies.length}.`);
  return policies;
}

function policyNamed(part: string): NamedPolicy {
  const slugs = builtInPolicies.map(({ slug }) => slug);
  const known = builtInPolicies.find(({ slug }) => slug === part);
  if (known) return { slug: known.slug, document: known.document };
  if (part === "" || SLUG.test(part)) throw new UsageError(unknownName("policy", part, ["all", ...slugs]));
  try {
    const document = schedule(part);
    const published = builtInPolicies.find((policy) => policyHash(policy.document) === policyHash(document));
    return published ? { slug: published.slug, document } : { slug: slugOf(document), document };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new UsageError(`--policies: ${JSON.stringify(part.slice(0, 80))} is neither a published policy nor an expression of β: ${error.message}`);
  }
}

const slugOf = (document: MomentumPolicy) => `custom-${policyHash(document).slice(0, 8)}`;
