/** What would beat the best static momentum: measuring the statistics anew, a plain mean, a choice for each layer. */
import Link from "next/link";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { percent, signed } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { ChooseView } from "@/lib/leaderboard";
import type { MapScore } from "@/lib/records";
import type { Answer } from "./look-up";
import { placeInWords } from "./words";

const additions = [
  { policy: /^precise-bn$/, name: "Recalibration", how: "measure the statistics anew after training, layer by layer" },
  {
    policy: /^dmbn(-biased)?$/,
    name: "DMBN",
    how: "after training, choose a β for each layer by its estimation shift",
  },
  { policy: /^cumulative-average/, name: "Cumulative average", how: "β = 1 − 1/t: every batch counts the same" },
] as const;

type Addition = MapScore & { name: string; how: string };

const columns: Column<Addition>[] = [
  {
    key: "name",
    head: "instead of a constant β",
    cell: ({ name, policy }) => <Link href={`/policies/${policy}`}>{name}</Link>,
  },
  { key: "gain", head: "adds, points", align: "end", cell: ({ regret }) => signed(-regret.mean, 2) },
  {
    key: "interval",
    head: "95 % interval",
    align: "end",
    cell: ({ regret: { interval } }) =>
      interval ? (
        `${signed(-interval.high, 2)} to ${signed(-interval.low, 2)}`
      ) : (
        <span className="missing">one seed</span>
      ),
  },
  { key: "accuracy", head: "accuracy, %", align: "end", cell: ({ accuracy }) => percent(accuracy) },
  { key: "how", head: "how", cell: ({ how }) => how, wide: true },
];

export function Additions({ view, found }: { view: ChooseView; found: Answer }) {
  const rows = additions.flatMap(({ policy, ...words }): Addition[] =>
    found.scores.filter((score) => policy.test(score.policy)).map((score) => ({ ...score, ...words })),
  );
  return (
    <Section
      id="additions"
      title={titleOf(rows[0])}
      note={`At ${placeInWords(view)}, against the best constant β, which was chosen on other seeds.`}
    >
      <DataTable
        caption="What other ways of averaging add to the best constant momentum"
        columns={columns}
        rows={rows}
        rowKey={({ policy }) => policy}
      />
    </Section>
  );
}

/** What recalibration, the first, does, as far as the seeds tell. */
function titleOf(recalibration: Addition | undefined): string {
  if (!recalibration) return "What else would help";
  const { mean, interval } = recalibration.regret;
  const open = interval && interval.low < 0 && interval.high > 0;
  if (open || percent(Math.abs(mean)) === "0.0") return "Recalibration would change nothing that shows";
  return `Recalibration would ${mean < 0 ? "add" : "cost"} ${percent(Math.abs(mean))} points`;
}
