/** How far the server verified a result, in plain words. */
import { tiers } from "@/lib/leaderboard";
import { Tip } from "../controls/tip";

/** The tier's label, for a cell. */
export function tierLabel(tier: number): string {
  return tiers.find((entry) => entry.tier === tier)?.label ?? `tier ${tier}`;
}

/** Explains every tier, for a column's heading. */
export function TierTip() {
  return (
    <Tip about="tiers">
      <p>What the server itself did to a published result:</p>
      <ul className="mt-2 grid gap-1">
        {tiers.map(({ tier, label, meaning }) => (
          <li key={tier}>
            <strong className="font-semibold">{label}</strong>: {meaning}
          </li>
        ))}
      </ul>
    </Tip>
  );
}
