/** Adds another method to the comparison. */
import Form from "next/form";
import { Button, Select } from "@/app/_components/controls/controls";
import { percent } from "@/app/_components/text/format";
import type { BoardEntry, CompareView } from "@/lib/leaderboard";
import { variantLabels } from "@/lib/leaderboard";
import type { Compared } from "./compared";

/** Works without JavaScript, too. */
export function AddMethod({
  view,
  others,
  chosen,
}: {
  view: CompareView;
  others: readonly BoardEntry[];
  chosen: readonly Compared[];
}) {
  return (
    <Form action="/compare" className="flex flex-wrap items-end gap-2">
      <input type="hidden" name="benchmark" value={view.benchmark ?? ""} />
      {chosen.map(({ key }) => (
        <input key={key} type="hidden" name="methods" value={key} />
      ))}
      {view.division === "open" && <input type="hidden" name="division" value="open" />}
      {view.version !== null && <input type="hidden" name="version" value={view.version} />}
      <Select label={chosen.length === 1 ? "Compare with" : "Add"} name="methods">
        {others.map(({ method, variant, policy, accuracy }) => (
          <option key={method} value={method}>
            {policy.name}, {variantLabels[variant]}, {percent(accuracy.mean)} %
          </option>
        ))}
      </Select>
      <Button type="submit" kind={chosen.length === 1 ? "primary" : "secondary"}>
        {chosen.length === 1 ? "Compare" : "Add"}
      </Button>
    </Form>
  );
}
