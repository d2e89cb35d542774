/** A range for each axis, in a form that works without JavaScript; the brush writes into its fields. */
import Form from "next/form";
import { Button, ButtonLink } from "@/app/_components/controls/controls";
import type { Division } from "@/lib/leaderboard";
import type { Axis } from "./axes";

export function RangeForm({ axes, division }: { axes: readonly Axis[]; division: Division }) {
  const narrowed = axes.some(({ min, max }) => min !== null || max !== null);
  return (
    <Form action="/leaderboard/overview" id="ranges" className="ranges mt-3" scroll={false}>
      {division === "open" && <input type="hidden" name="division" value="open" />}
      {axes.map(({ key, title, variant, min, max }) => (
        <fieldset key={key} className="choices">
          <legend>
            {title}, {variant}, %
          </legend>
          {(
            [
              ["min", "from", min],
              ["max", "to", max],
            ] as const
          ).map(([end, label, value]) => (
            <input
              key={`${end} ${value}`}
              className="input"
              name={`${end}.${key}`}
              type="number"
              min={0}
              max={100}
              step="any"
              placeholder={label}
              aria-label={`${title}, ${variant}: ${label}`}
              defaultValue={value === null ? "" : 100 * value}
            />
          ))}
        </fieldset>
      ))}
      <div className="flex gap-2">
        <Button type="submit">Narrow</Button>
        {narrowed && (
          <ButtonLink href={division === "open" ? "/leaderboard/overview?division=open" : "/leaderboard/overview"}>
            Show all
          </ButtonLink>
        )}
      </div>
    </Form>
  );
}
