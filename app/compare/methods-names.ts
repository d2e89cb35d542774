/** Names of the compared methods, and of the page that compares them. */
import { variantLabels } from "@/lib/leaderboard";
import type { ComparedMethod } from "@/lib/server/boards/compare";
import type { Compared } from "./compared";

/** Named by policy, and by variant if variants differ. */
export function comparedMethods(methods: readonly Pick<ComparedMethod, "entry">[]): Compared[] {
  const mixed = new Set(methods.map(({ entry }) => entry.variant)).size > 1;
  return methods.map(({ entry: { method, variant, policy } }) => ({
    key: method,
    name: mixed ? `${policy.name} (${variantLabels[variant]})` : policy.name,
    href: `/policies/${policy.slug}`,
  }));
}

export function heading(compared: readonly Compared[]): string {
  if (compared.length === 1) return `Compare ${compared[0]!.name} with …`;
  return compared.length === 2
    ? `${compared[0]!.name} or ${compared[1]!.name}?`
    : compared.map(({ name }) => name).join(", ");
}
