/** The best constant β of networks that people trained with code of their own: dots on the map by batch, and a table. */
import Link from "next/link";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { taskName } from "@/app/_components/tables/external-method";
import { capitalize, count } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { ownTrainingCode } from "@/lib/leaderboard";
import type { OwnNetwork } from "@/lib/server/external/read";

/** How many of these networks were best with a constant at a batch. */
export const dotsAt = (networks: readonly OwnNetwork[], batch: number, momentum: number): number =>
  networks.filter((network) => network.batchSize === batch && network.momentum === momentum).length;

export const DotLegend = () => (
  <span className="frame-mark">
    <span className="own-dot" />
    the best constant of somebody’s own network: {ownTrainingCode}
  </span>
);

/** Rows of the table: those of the nearest batches. */
const ROWS = 20;

export function OwnNetworks({ networks, batch }: { networks: readonly OwnNetwork[]; batch: number }) {
  const distance = ({ batchSize }: OwnNetwork) => Math.abs(Math.log(batchSize / batch));
  return (
    <Section
      id="own"
      title="Networks of people’s own"
      note={
        <>
          {capitalize(ownTrainingCode)}: of each the best of the constants that it compares, those of the nearest
          batches first. Where batch and β are on the map, a dot marks it. <Link href="/external">All of them</Link>
        </>
      }
    >
      <DataTable
        caption="The best constant β of networks trained with own code"
        columns={columns}
        rows={networks.toSorted((a, b) => distance(a) - distance(b)).slice(0, ROWS)}
        rowKey={({ id }) => id}
      />
    </Section>
  );
}

const columns: readonly Column<OwnNetwork>[] = [
  { key: "network", head: "Network", cell: ({ id, name }) => <Link href={`/external/${id}`}>{name}</Link> },
  { key: "data", head: "data", cell: ({ task }) => taskName(task) },
  { key: "batch", head: "batch", align: "end", cell: ({ batchSize }) => count(batchSize) },
  { key: "steps", head: "steps", align: "end", cell: ({ steps }) => count(steps) },
  {
    key: "momentum",
    head: "best constant β",
    cell: ({ momentum }) => <MomentumChip memory={momentum} label={String(momentum)} />,
  },
];
