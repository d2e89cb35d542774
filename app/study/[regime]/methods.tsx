/** Every method of a regime in every metric, and the paired differences between them. */
import { memoryClass } from "@/app/_components/momentum/memory";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { metricColumns } from "@/app/_components/tables/metric-columns";
import { variantLabels } from "@/lib/leaderboard";
import type { MethodSummary, RegimeSummary } from "@/lib/records";
import { byMetric, metricNames } from "@/lib/records";
import { Difference } from "../difference";
import type { Comparison } from "../labels";
import { methodName, parts, regimeTitle, staticMomentum } from "../labels";
import { PolicyLink } from "../policy-link";

export function Methods({ regime }: { regime: RegimeSummary }) {
  const estimate = (over: MethodSummary["accuracy"] | null) =>
    over && {
      mean: over.mean,
      deviation: over.deviation,
      low: over.interval?.low ?? null,
      high: over.interval?.high ?? null,
    };
  const rows = regime.methods
    .map((method) => ({
      ...parts(method.method),
      method: method.method,
      ...byMetric(metricNames, (metric) => estimate(metric === "esm" ? method.shift : method[metric])),
    }))
    .sort((a, b) => b.accuracy.mean - a.accuracy.mean);
  const columns: Column<(typeof rows)[number]>[] = [
    {
      key: "method",
      head: "Method",
      cell: ({ policy, variant }) => (
        <>
          <PolicyLink slug={policy} />
          <span className="folded"> {variantLabels[variant]}</span>
        </>
      ),
    },
    ...metricColumns(rows, ({ policy }) => memoryClass(staticMomentum(policy))),
    { key: "variant", head: "variant", wide: true, cell: ({ variant }) => variantLabels[variant] },
  ];
  return (
    <DataTable
      caption={
        `Every method of ${regimeTitle(regime)}: mean ± half the 95 % interval over seeds, the highest accuracy ` +
        "first"
      }
      columns={columns}
      rows={rows}
      rowKey={({ method }) => method}
    />
  );
}

export const differenceColumns: Column<Comparison>[] = [
  { key: "method", head: "Method", cell: ({ method }) => methodName(method) },
  { key: "against", head: "less", cell: ({ against }) => methodName(against) },
  { key: "difference", head: "points", align: "end", cell: (comparison) => <Difference comparison={comparison} /> },
  {
    key: "p",
    head: "adjusted p",
    align: "end",
    cell: ({ adjustedP }) => (adjustedP === null ? "–" : adjustedP < 0.001 ? "< .001" : adjustedP.toFixed(3)),
  },
];
