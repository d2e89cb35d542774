/** How a policy that isn't a schedule works: its candidates, drift, or no averaging. */
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { MomentumPolicy, RecalibratePolicy, RunShape, SelectPolicy } from "@/lib/dmbn/policy";
import { estimatorsOf, schedule, usesLabels } from "@/lib/dmbn/policy";

export function Candidates({ policy, run }: { policy: MomentumPolicy; run: RunShape }) {
  if (policy.kind !== "select") {
    return (
      <p className="mt-2 text-ink-2">
        Nothing is averaged while training. After the run the statistics are measured on the calibration split
        {policy.kind === "recalibrate" && describeShift(policy)}.
      </p>
    );
  }
  if (policy.by === "drift")
    return <p className="mt-2 text-ink-2">{driftExplanation} Neither calibration nor test data are looked at.</p>;
  const estimators = estimatorsOf(policy);
  return (
    <>
      <p className="mt-2 text-ink-2">
        {policy.every === null
          ? "After the run"
          : policy.every === 1
            ? "At the end of every epoch"
            : `Every ${policy.every} epochs`}
        , {policy.granularity === "network" ? "the whole network" : `each ${policy.granularity}`} takes the candidate
        with the {costWords[policy.by]} on the calibration split{howMeasured(policy)}.{" "}
        {estimators.length > 1 && `Each is tried with the ${estimators.join(" and the ")} variance. `}
        {policy.every !== null && "What is chosen is where the next period’s averages start. "}
        {usesLabels(policy) && "It uses labels: those of the calibration split. "}Test data are never looked at.
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

/** What a recalibration's shift is. */
function describeShift(policy: RecalibratePolicy): string {
  if (policy.batches)
    return ", each batch normalized by its own; later layers then see other inputs, so a shift remains";
  if (policy.correction)
    return usesLabels(policy)
      ? " and corrected by the loss there: it uses labels, those of the calibration split"
      : " and then corrected, so their shift is not 0";
  return policy.samples === null
    ? ", so their shift is 0 by construction; that says nothing of the accuracy"
    : `’s first ${policy.samples.toLocaleString("en")} examples, so their shift is small`;
}

const costWords = {
  "estimation-shift": "least estimation shift",
  loss: "least loss",
  accuracy: "fewest errors",
} as const;

function howMeasured({ by, granularity, order }: SelectPolicy): string {
  if (granularity === "network") return ", one for all layers";
  if (by !== "estimation-shift")
    return ", layer after layer: each is tried behind the choices before it, while later layers are measured anew";
  return order === "sequential"
    ? ", layer after layer: each is measured behind the choices before it"
    : ", every layer measured behind expected statistics";
}

const driftExplanation =
  "No candidates: over the last quarter of the run’s steps, a line through each layer’s batch statistics gives " +
  "their drift ρ a step and the variance s² of single batches around it. The layer then averages the whole run " +
  "with the β at which lag and scatter together are least, so there is one β a layer and no curve to draw before " +
  "a run is there.";
