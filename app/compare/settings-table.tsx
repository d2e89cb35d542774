/** Settings side by side. */
import { SegmentLinks } from "@/app/_components/controls/controls";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { count } from "@/app/_components/text/format";
import type { CompareView } from "@/lib/leaderboard";
import { compareHref } from "@/lib/leaderboard";
import type { Compared } from "./compared";
import { Short } from "./compared";
import type { Setting } from "./settings";
import { rowsOf } from "./settings";

interface SettingsTableProps {
  view: CompareView;
  compared: readonly Compared[];
  settings: Parameters<typeof rowsOf>[0];
}

export function SettingsTable({ view, compared, settings }: SettingsTableProps) {
  const all = rowsOf(settings);
  const differing = all.filter(({ differs }) => differs);
  const rows = view.everything ? all : differing;
  const columns: Column<Setting>[] = [
    { key: "name", head: "Setting", cell: ({ name }) => name },
    ...compared.map(
      ({ key, name }, index): Column<Setting> => ({
        key,
        head: <Short index={index} name={name} />,
        cell: ({ values }) => (values[index] === null ? <Missing why="no such setting" /> : values[index]),
      }),
    ),
  ];
  return (
    <>
      <SegmentLinks
        label="Settings shown"
        options={[
          {
            href: compareHref(view, { everything: false }),
            label: `Only what differs ${count(differing.length)}`,
            current: !view.everything,
          },
          {
            href: compareHref(view, { everything: true }),
            label: `Everything ${count(all.length)}`,
            current: view.everything,
          },
        ]}
      />
      <div className="mt-3">
        {rows.length > 0 ? (
          <DataTable
            caption="Settings side by side"
            columns={columns}
            rows={rows}
            rowKey={({ name }) => name}
            className="settings"
          />
        ) : (
          <p className="text-ink-2">They agree in every setting.</p>
        )}
      </div>
    </>
  );
}
