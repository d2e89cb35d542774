/** Policies on the command line: `all`, slugs of published ones, documents in files, or expressions of β. */
import { readFileSync } from "node:fs";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, PolicyError, parsePolicyText, policyHash, schedule } from "@/lib/dmbn/policy";
import type { NamedPolicy } from "@/lib/training";
import { UsageError } from "./exit";
import { unknownName } from "./names";

const SLUG = /^[a-z][a-z0-9²]*(-[a-z0-9.]+)*$/i;

/**
 * The policies in a comma-separated list; commas inside parentheses belong to an expression.
 * @throws UsageError for an unknown name (suggesting the nearest), an invalid file or expression, or a repetition
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
  if (part === "" || (SLUG.test(part) && !part.endsWith(".json")))
    throw new UsageError(unknownName("policy", part, ["all", ...slugs]));
  try {
    return named(part.endsWith(".json") ? parsePolicyText(fileText(part)) : schedule(part));
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const what = part.endsWith(".json") ? "no policy document" : "neither a published policy nor an expression of β";
    throw new UsageError(`--policies: ${JSON.stringify(part.slice(0, 80))} is ${what}: ${error.message}`);
  }
}

/** Named by its published slug, or by its hash. */
function named(document: MomentumPolicy): NamedPolicy {
  const hash = policyHash(document);
  const published = builtInPolicies.find((policy) => policyHash(policy.document) === hash);
  return { slug: published?.slug ?? `custom-${hash.slice(0, 8)}`, document };
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--policies: ${path} can't be read: ${(error as Error).message}`);
  }
}
