/** A policy of the study, linked to its page if it is built in. */
import Link from "next/link";
import { builtInPolicies } from "@/lib/dmbn/policy";
import { policyName } from "./labels";

export function PolicyLink({ slug }: { slug: string }) {
  const isBuiltIn = builtInPolicies.some((policy) => policy.slug === slug);
  return isBuiltIn ? <Link href={`/policies/${slug}`}>{policyName(slug)}</Link> : policyName(slug);
}
