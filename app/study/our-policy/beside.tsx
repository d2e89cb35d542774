/** Nothing was claimed of these: our policy against DMBN, the best fixed β, and a choice by labels. */
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { Section } from "@/app/_components/text/section";
import { variantLabels } from "@/lib/leaderboard";
import type { RegimeSummary, RegisteredComparison } from "@/lib/records";
import { PairedCell } from "../difference";
import { verdictLabels } from "../labels";
import { boardColumns } from "./boards";

interface BesideProps {
  registered: readonly RegisteredComparison[];
  regimes: readonly RegimeSummary[];
}

const names: Record<string, string> = {
  "dmbn-biased": "DMBN, biased",
  "best-static-biased": "best fixed β, biased",
  "best-by-loss": "least loss on labels",
};

export function Beside({ registered, regimes }: BesideProps) {
  const comparisons = registered.filter(({ claim }) => claim === null);
  return (
    <Section
      id="beside"
      title="Against other policies"
      note={
        <>
          Of these nothing was claimed. The best fixed β is chosen on the validation split, seed by seed; the least loss
          among twelve β and three variances on labelled calibration examples. Intervals hold for the nine boards of a
          column together: it wins or loses where they leave out 0, and ties within ±.3 points.
        </>
      }
    >
      <DataTable
        caption="Accuracy of small-batch recalibration less that of others, in points, ± half the simultaneous 95 % interval"
        captionShown
        columns={[...boardColumns, ...comparisons.map(column)]}
        rows={regimes}
        rowKey={({ regime }) => regime}
      />
      <ul className="mt-3 grid max-w-prose list-disc gap-1 ps-5">
        {comparisons.map((comparison) => (
          <li key={comparison.key}>{tally(comparison)}</li>
        ))}
      </ul>
    </Section>
  );
}

const column = ({ key, against, variant, regimes: rows }: RegisteredComparison): Column<RegimeSummary> => ({
  key,
  head: variantLabels[variant],
  group: `less ${names[against] ?? against}`,
  align: "end",
  cell: ({ regime }) => {
    const row = rows.find((known) => known.regime === regime);
    if (!row) return <Missing why="not compared" />;
    const verdict = verdictOf(row.outcome);
    return <PairedCell difference={row} verdict={verdict} word={verdictLabels[verdict]} />;
  },
});

/** Where nothing is claimed, nothing holds or fails. */
const verdictOf = (outcome: RegisteredComparison["regimes"][number]["outcome"]) =>
  outcome === "better" || outcome === "worse" || outcome === "tie" ? outcome : "unresolved";

/** "In all-BN against DMBN, biased: wins 2, ties 1, loses 0, open 6." */
function tally({ against, variant, regimes }: RegisteredComparison): string {
  const number = (wanted: string) => regimes.filter(({ outcome }) => verdictOf(outcome) === wanted).length;
  return (
    `In ${variantLabels[variant]} against ${names[against] ?? against}: wins ${number("better")}, ` +
    `ties ${number("tie")}, loses ${number("worse")}, ${number("unresolved")} open.`
  );
}
