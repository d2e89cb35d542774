/** Every static momentum at the chosen place, in numbers. */

import { describeWindow } from "@/app/_components/momentum/memory";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { percent } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { ChooseView } from "@/lib/leaderboard";
import type { Framework } from "./frameworks";
import type { SafeBand, StaticScore } from "./safe-band";
import { placeInWords } from "./words";

interface EveryMomentumProps {
  view: ChooseView;
  framework: Framework;
  statics: readonly StaticScore[];
  band: SafeBand;
}

export function EveryMomentum({ view, framework, statics, band }: EveryMomentumProps) {
  const { setting, name } = framework;
  const columns: Column<StaticScore>[] = [
    {
      key: "momentum",
      head: "β",
      cell: ({ momentum }) => <MomentumChip memory={momentum} label={String(momentum)} />,
    },
    ...(setting
      ? [
          {
            key: "setting",
            head: name,
            align: "end" as const,
            cell: ({ momentum }: StaticScore) => setting(momentum),
          },
        ]
      : []),
    { key: "cost", head: "costs, points", align: "end", cell: ({ regret }) => percent(regret.mean, 2) },
    {
      key: "interval",
      head: "95 % interval",
      align: "end",
      cell: ({ regret: { interval } }) =>
        interval ? (
          `${percent(interval.low, 2)} to ${percent(interval.high, 2)}`
        ) : (
          <span className="missing">one seed</span>
        ),
    },
    { key: "accuracy", head: "accuracy, %", align: "end", cell: ({ accuracy }) => percent(accuracy) },
    {
      key: "safe",
      head: "is",
      cell: (score) => (score === band.best ? "best" : band.safe.includes(score) ? "safe" : ""),
    },
    { key: "window", head: "remembers", cell: ({ momentum }) => describeWindow(momentum), wide: true },
  ];
  return (
    <Section id="every" title={`Every β at ${placeInWords(view)}`}>
      <DataTable
        caption={`What every static momentum costs at ${placeInWords(view)}`}
        columns={columns}
        rows={statics}
        rowKey={({ momentum }) => String(momentum)}
      />
    </Section>
  );
}
