/** Tables that compare runs: figures and layers. */
import Link from "next/link";
import { memoryClass } from "@/app/_components/momentum/memory";
import { layerBadge } from "@/app/_components/momentum/memory-badge";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { measured, metricColumns } from "@/app/_components/tables/metric-columns";
import { significant } from "@/app/_components/text/format";
import type { ComparedRun } from "@/lib/server/runs/compare";
import { runShape } from "@/lib/training";
import type { Compared } from "./compared";
import { Short } from "./compared";

export interface Side {
  runs: readonly ComparedRun[];
  compared: readonly Compared[];
}

export function FiguresTable({ runs, compared }: Side) {
  const rows = runs.map(({ score }, index) => ({
    index,
    policy: score.policy,
    ...measured({ ...score, esm: score.esmTotal }),
  }));
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    { key: "run", head: "Run", cell: ({ index }) => <Short index={index} name={compared[index]!.name} /> },
    ...metricColumns<Row>(
      rows,
      () => memoryClass(null),
      () => true,
    ),
    {
      key: "policy",
      head: "policy",
      cell: ({ policy }) => <Link href={`/policies/${policy.slug}`}>{policy.name}</Link>,
    },
  ];
  return (
    <DataTable
      caption="Figures on the test split, derived by the server from the uploaded predictions"
      columns={columns}
      rows={rows}
      rowKey={({ index }) => String(index)}
    />
  );
}

export function LayersTable({ runs, compared }: Side) {
  const names = [...new Set(runs.flatMap(({ score }) => score.esm.map(({ layer }) => layer)))].sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
  const rows = names.map((name) => ({
    name,
    of: runs.map(({ score }) => score.esm.findIndex(({ layer }) => layer === name)),
  }));
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    { key: "layer", head: "Layer", cell: ({ name }) => name },
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} momentum`,
        head: <Short index={index} name={name} />,
        group: "keeps of the old",
        cell: ({ of }) => {
          const place = of[index]!;
          const momentum = runs[index]!.score.momentumPerLayer[place] ?? null;
          return momentum === null ? (
            <Missing why="nothing is averaged, or each channel has its own" />
          ) : (
            <MomentumChip
              {...layerBadge(momentum, runShape(runs[index]!.manifest.recipe, runs[index]!.variant), place)}
            />
          );
        },
      }),
    ),
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} shift`,
        head: <Short index={index} name={name} />,
        group: "estimation shift, claimed",
        align: "end",
        cell: ({ of }) => {
          const shift = runs[index]!.score.esm[of[index]!];
          return shift ? significant(shift.mean + shift.std) : <Missing why="no batch norm there" />;
        },
      }),
    ),
  ];
  return (
    <DataTable
      caption="Momentum and estimation shift of each layer"
      columns={columns}
      rows={rows}
      rowKey={({ name }) => name}
    />
  );
}
