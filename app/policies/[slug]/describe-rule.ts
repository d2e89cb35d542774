/** A policy's rule as a sentence. */
import { policyCurve } from "@/app/_components/momentum/curves";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { capitalize } from "@/app/_components/text/format";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { describeMomentum } from "@/lib/dmbn/policy";

export function describeRule(policy: MomentumPolicy, run: RunShape, title: string): string {
  if (policy.kind === "select")
    return policy.by === "drift"
      ? "The momentum is computed from the run, not set."
      : "The momentum is chosen, not set.";
  if (policy.kind === "recalibrate") return "No momentum: statistics are measured after training.";
  const { memory, label } = memoryBadge(policy, run);
  if (memory === "cumulative")
    return "Keeps 1 − 1/t of the old average, so that every batch counts the same (PyTorch None).";
  if (typeof memory === "number" && String(memory) === policy.momentum)
    return `${capitalize(describeMomentum(memory))}.`;
  const curve = policyCurve(policy, run);
  const throughout = new Set(curve?.values).size === 1 && typeof memory === "number";
  if (throughout) return `In a run as short as ${title} it never moves: ${describeMomentum(memory)}.`;
  return (
    `From the first step to the last of ${title} it goes from keeping ` +
    `${label.replace(" to ", " of the old average to keeping ")}.`
  );
}
