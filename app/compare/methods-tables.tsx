/** Tables that compare methods: figures and layers. */
import { memoryClass } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { MomentaOverRuns } from "@/app/_components/momentum/momenta-over-runs";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { metricColumns } from "@/app/_components/tables/metric-columns";
import { significant } from "@/app/_components/text/format";
import { parsePolicy } from "@/lib/dmbn/policy";
import { formatBand } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import type { ComparedMethod } from "@/lib/server/boards/compare";
import { runShape } from "@/lib/training";
import { Short } from "./compared";
import type { Side } from "./methods-charts";

export function FiguresTable({ methods, compared, run }: Side) {
  const rows = methods.map(({ entry, document }, index) => ({
    ...entry,
    index,
    badge: memoryBadge(parsePolicy(document), run),
  }));
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    { key: "method", head: "Method", cell: ({ index }) => <Short index={index} name={compared[index]!.name} /> },
    ...metricColumns<Row>(
      rows,
      ({ badge }) => memoryClass(badge.memory),
      ({ division }) => division === "open",
    ),
    {
      key: "rank",
      head: "rank",
      align: "end",
      cell: ({ band }) => formatBand(band) ?? <Missing why="not ranked" />,
    },
    { key: "momentum", head: "keeps of the old", cell: ({ badge }) => <MomentumChip {...badge} /> },
    { key: "n", head: "seeds", align: "end", cell: ({ n }) => n },
  ];
  return (
    <DataTable caption="Mean ± half the 95 % interval" columns={columns} rows={rows} rowKey={({ method }) => method} />
  );
}

export function LayersTable({ methods, compared, recipe }: Omit<Side, "run"> & { recipe: Recipe }) {
  const names = [...new Set(methods.flatMap(({ layers }) => layers.map(({ name }) => name)))].sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
  const rows = names.map((name) => ({
    name,
    of: methods.map(({ layers }) => layers.findIndex((layer) => layer.name === name)),
  }));
  type Row = (typeof rows)[number];
  const cell = (index: number, show: (layer: ComparedMethod["layers"][number], place: number) => React.ReactNode) =>
    function Cell({ of }: Row) {
      const layer = methods[index]!.layers[of[index]!];
      return layer ? show(layer, of[index]!) : <Missing why="no batch norm there" />;
    };
  const columns: Column<Row>[] = [
    { key: "layer", head: "Layer", cell: ({ name }) => name },
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} momentum`,
        head: <Short index={index} name={name} />,
        group: "keeps of the old",
        cell: cell(index, ({ momenta }, place) =>
          momenta.every((momentum) => momentum === null) ? (
            <Missing why="nothing is averaged, or each channel has its own" />
          ) : (
            <MomentaOverRuns momenta={momenta} shape={runShape(recipe, methods[index]!.entry.variant)} layer={place} />
          ),
        ),
      }),
    ),
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} shift`,
        head: <Short index={index} name={name} />,
        group: methods[index]!.entry.division === "open" ? "estimation shift, claimed" : "estimation shift",
        align: "end",
        cell: cell(index, ({ shift }) => significant(shift)),
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
