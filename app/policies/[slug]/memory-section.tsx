/** A policy's memory over a run of a chosen benchmark. */
import Form from "next/form";
import { Button, Select } from "@/app/_components/controls/controls";
import { LayerCurves } from "@/app/_components/momentum/layer-curves";
import { count } from "@/app/_components/text/format";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import type { Benchmark } from "@/lib/leaderboard";
import { benchmarks } from "@/lib/leaderboard";
import type { PolicyDetail } from "@/lib/server/policies/read";
import { runLayers, runShape } from "@/lib/training";
import { Candidates } from "./candidates";

export function MemorySection({
  details,
  policy,
  reference,
}: {
  details: PolicyDetail;
  policy: MomentumPolicy;
  reference: Benchmark;
}) {
  const run = runShape(reference.recipe);
  return (
    <section aria-labelledby="curve">
      <h2 id="curve">
        {policy.kind === "schedule"
          ? "Its memory over a run"
          : policy.kind === "recalibrate"
            ? "Nothing is averaged"
            : policy.by === "drift"
              ? "What it goes by"
              : "What it chooses from"}
      </h2>
      {policy.kind === "schedule" ? (
        <>
          <Form
            action={`/policies/${details.slug}`}
            scroll={false}
            className="mt-2 mb-2 flex flex-wrap items-end gap-2"
          >
            <Select label="Drawn for" name="on" defaultValue={reference.slug} key={reference.slug}>
              {benchmarks.map(({ slug, title }) => (
                <option key={slug} value={slug}>
                  {title}
                </option>
              ))}
            </Select>
            <Button type="submit">Draw</Button>
          </Form>
          <p className="note mb-2">
            Window 1/(1 − β) in batches, log axis, over the {count(run.steps)} steps of {reference.title}.
          </p>
          <LayerCurves
            policy={policy}
            run={run}
            layers={runLayers(reference.recipe).map(({ name }) => name)}
            name={details.name}
          />
        </>
      ) : (
        <Candidates policy={policy} run={run} />
      )}
    </section>
  );
}
