/** The cost of a training step: where its time goes, and how many GPU programs it runs. */

import { Fact, Facts } from "@/app/_components/tables/facts";
import { count, percent } from "@/app/_components/text/format";
import type { StepCost } from "@/lib/training";
import type { BackendReport } from "./protocol";

const parts = {
  data: "making batches and bringing them to the backend",
  step: "forward, backward and the optimizer",
  readback: "fetching losses and statistics",
} as const;

export function StepCostPanel({
  cost: { seconds, dispatches, fault },
  imagesPerSecond,
  backend,
}: {
  cost: StepCost;
  imagesPerSecond: number;
  backend: BackendReport["name"];
}) {
  const whole = seconds.data + seconds.step + seconds.readback;
  if (whole === 0) return null;
  return (
    <div className="mt-4 max-w-[32rem]">
      <h3>What a step costs here</h3>
      <Facts>
        <Fact name="speed">{count(Math.round(imagesPerSecond))} images/s</Fact>
        {(["data", "step", "readback"] as const).map((part) => (
          <Fact key={part} name={part}>
            {percent(seconds[part] / whole, 0)} % <span className="text-ink-3">{parts[part]}</span>
          </Fact>
        ))}
        {backend === "webgpu" && (
          <Fact name="dispatches">
            {dispatches === null
              ? fault
                ? `not recorded: ${fault}`
                : "being recorded"
              : `${count(dispatches)} a step`}{" "}
            {dispatches !== null && <span className="text-ink-3">recorded once, done again since</span>}
          </Fact>
        )}
      </Facts>
    </div>
  );
}
