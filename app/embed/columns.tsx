/** The columns of the accuracy in a frame: the figure, and its interval drawn. */
import type { Column } from "@/app/_components/tables/data-table";
import { IntervalMark, intervalScale, MeanAndMargin, scaleLabel } from "@/app/_components/tables/interval";
import type { Estimate } from "@/lib/leaderboard";

/** @param memory the ramp's CSS class for a row's momentum */
export function accuracyColumns<Row extends { accuracy: Estimate }>(
  rows: readonly Row[],
  memory: (row: Row) => string,
): Column<Row>[] {
  const scale = intervalScale(rows.map(({ accuracy }) => accuracy));
  return [
    { key: "accuracy", head: "accuracy, %", align: "end", cell: ({ accuracy }) => <MeanAndMargin {...accuracy} /> },
    ...(scale
      ? [
          {
            key: "interval",
            head: scaleLabel(scale),
            cell: (row: Row) => <IntervalMark {...row.accuracy} scale={scale} memory={memory(row)} />,
          },
        ]
      : []),
  ];
}
