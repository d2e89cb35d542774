/** Choosing the policy that runs are compared under, and adding a run: forms that work without JavaScript. */
import Form from "next/form";
import { Button, Select } from "@/app/_components/controls/controls";
import { percent } from "@/app/_components/text/format";
import type { CompareView } from "@/lib/leaderboard";
import { variantLabels } from "@/lib/leaderboard";
import type { RunComparison } from "@/lib/server/runs/compare";
import type { RunSummary } from "@/lib/server/runs/read";

export function AddRun({
  view,
  others,
  only,
}: {
  view: CompareView;
  others: readonly RunSummary[];
  /** Only one run is chosen so far. */
  only: boolean;
}) {
  return (
    <Form action="/compare" className="flex flex-wrap items-end gap-2">
      <input type="hidden" name="runs" value={view.runs.join(",")} />
      {view.policy && <input type="hidden" name="policy" value={view.policy} />}
      <Select label={only ? "Compare with" : "Add"} name="runs">
        {others.map(({ id, variant, seed, user, best }) => (
          <option key={id} value={id}>
            {variantLabels[variant]}, seed {seed}, by {user ?? "a deleted account"}, {percent(best.accuracy)} %
          </option>
        ))}
      </Select>
      <Button type="submit" kind={only ? "primary" : "secondary"}>
        {only ? "Compare" : "Add"}
      </Button>
    </Form>
  );
}

export function ChoosePolicy({
  view,
  policies,
  policy,
}: Pick<RunComparison, "policies" | "policy"> & { view: CompareView }) {
  return (
    <Form action="/compare" className="flex flex-wrap items-end gap-2">
      <input type="hidden" name="runs" value={view.runs.join(",")} />
      <Select label="Under the policy" name="policy" defaultValue={policy?.slug}>
        {policies.map(({ slug, name }) => (
          <option key={slug} value={slug}>
            {name}
          </option>
        ))}
      </Select>
      <Button type="submit">Show</Button>
    </Form>
  );
}
