/** Policies on the command line: `all`, slugs of published ones, documents in files, or expressions of β. */
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, PolicyError, parsePolicy, policyHash, schedule } from "@/lib/dmbn/policy";
import type { NamedPolicy } from "@/lib/training";
import { UsageError } from "./exit";
import { readJson } from "./files";
import { readList, unquoted } from "./list";
import { unknownName } from "./names";

const SLUG = /^[a-z][a-z0-9²]*(-[a-z0-9.]+)*$/i;

/**
 * The policies in a comma-separated list; commas inside brackets or quotes belong to an expression or a file name.
 * @throws UsageError for an unknown name (suggesting the nearest), an invalid file or expression, or a repetition
 */
export async function policiesNamed(text: string): Promise<NamedPolicy[]> {
  if (text.trim() === "all") return builtInPolicies.map(({ slug, document }) => ({ slug, document }));
  const policies = await Promise.all(readList(text).map((part) => policyNamed(part, "--policies")));
  const repeated = policies.find(({ slug }, index) => policies.findIndex((other) => other.slug === slug) < index);
  if (repeated) throw new UsageError(`--policies names ${repeated.slug} twice.`);
  if (policies.length > 64) throw new UsageError(`--policies: expected at most 64, found ${policies.length}.`);
  return policies;
}

/**
 * One policy: a published name, a document in a file, or an expression.
 * @param option where the text stands, for errors
 * @throws UsageError
 */
export async function policyNamed(text: string, option: string): Promise<NamedPolicy> {
  const slugs = builtInPolicies.map(({ slug }) => slug);
  const known = builtInPolicies.find(({ slug }) => slug === text);
  if (known) return { slug: known.slug, document: known.document };
  if (text === "" || (SLUG.test(text) && !isFile(text)))
    throw new UsageError(`${option}: ${unknownName("policy", text, ["all", ...slugs])}`);
  return named(await policyFrom(text, option, "neither a published policy nor an expression of β"));
}

/**
 * A document in a file, or an expression.
 * @param otherwise what a text is that is neither, for the error
 * @throws UsageError
 */
export async function policyFrom(
  text: string,
  option: string,
  otherwise = "no expression of β",
): Promise<MomentumPolicy> {
  const place = unquoted(text);
  const document = isFile(place) ? await readJson(place) : null;
  try {
    return isFile(place) ? parsePolicy(document) : schedule(place);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const what = isFile(place) ? "no policy document" : otherwise;
    throw new UsageError(`${option}: ${JSON.stringify(place.slice(0, 80))} is ${what}: ${error.message}`);
  }
}

const isFile = (text: string) => /\.json$/i.test(text);

/** Named by its published slug, or by its hash. */
function named(document: MomentumPolicy): NamedPolicy {
  const hash = policyHash(document);
  const published = builtInPolicies.find((policy) => policyHash(policy.document) === hash);
  return { slug: published?.slug ?? `custom-${hash.slice(0, 8)}`, document };
}
