/** How a policy that isn't a schedule works: its candidates, drift, or no averaging. */
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { schedule } from "@/lib/dmbn/policy";

export function Candidates({ policy, run }: { policy: MomentumPolicy; run: RunShape }) {
  if (policy.kind !== "select") {
    return (
      <p className="mt-2 text-ink-2">
        Nothing is averaged while training. After the run the statistics are measured on the calibration split, so their
        shift is 0 by construction.
      </p>
    );
  }
  if (policy.by === "drift")
    return <p className="mt-2 text-ink-2">{driftExplanation} Neither calibration nor test data are looked at.</p>;
  return (
    <>
      <p className="mt-2 text-ink-2">
        {policy.every === null
          ? "After the run"
          : policy.every === 1
            ? "At the end of every epoch"
            : `Every ${policy.every} epochs`}
        , each {policy.granularity} takes the candidate with the least estimation shift on the calibration split,{" "}
        {policy.order === "sequential"
          ? "layer after layer: each is measured behind the choices before it"
          : "every layer measured behind expected statistics"}
        . {policy.every !== null && "What is chosen is where the next period’s averages start. "}Test data are never
        looked at.
      </p>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-table" aria-label="Candidates, from short to long memory">
        {policy.candidates.map((candidate) => (
          <li key={candidate}>
            <MomentumChip {...memoryBadge(schedule(candidate), run)} />
          </li>
        ))}
      </ul>
    </>
  );
}

const driftExplanation =
  "No candidates: over the last quarter of the run’s steps, a line through each layer’s batch statistics gives " +
  "their drift ρ a step and the variance s² of single batches around it. The layer then averages the whole run " +
  "with the β at which lag and scatter together are least, so there is one β a layer and no curve to draw before " +
  "a run is there.";
