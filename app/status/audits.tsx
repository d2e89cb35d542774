/** What the server trained again of what people published. */

import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { count, duration, plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { AuditState } from "@/lib/server/audits/read";

const columns: readonly Column<AuditState["devices"][number]>[] = [
  {
    key: "device",
    head: "device class, self-reported",
    cell: ({ backend, adapter }) => `${backend}${adapter && `, ${adapter}`}`,
  },
  { key: "passed", head: "passed", align: "end", cell: ({ passed }) => count(passed) },
  { key: "failed", head: "differ", align: "end", cell: ({ failed }) => count(failed) },
  {
    key: "aside",
    head: "runs",
    cell: ({ setAside }) => (setAside ? "count once audited: set aside" : "count"),
  },
];

export function Audits({ waiting, outcomes, devices, seconds }: AuditState) {
  const done = Object.values(outcomes).reduce((sum, one) => sum + one, 0);
  const passed = outcomes.same + outcomes.within + outcomes.alike;
  return (
    <Section id="audits" title="Runs trained again">
      <p>
        {done === 0
          ? "No published run was trained again yet."
          : `${plural(done, "published run")} trained again: ${count(passed)} came out as published, ${count(outcomes.differs)} differ and don’t rank` +
            `${outcomes.unknown > 0 ? `, ${count(outcomes.unknown)} can’t be told, and don’t rank` : ""}.`}{" "}
        {waiting > 0 && `${plural(waiting, "run")} ${waiting === 1 ? "waits" : "wait"}. `}
        {seconds.aDay === 0
          ? "This site trains none again (DMBENCH_AUDIT_SECONDS)."
          : `Today that took ${duration(seconds.today)} of the ${duration(seconds.aDay)} that a day may have.`}
      </p>
      {devices.length > 0 && (
        <div className="mt-3">
          <DataTable
            caption="Audits by the backend and the adapter that runs name"
            columns={columns}
            rows={devices}
            rowKey={({ backend, adapter }) => `${backend} ${adapter}`}
          />
        </div>
      )}
    </Section>
  );
}
