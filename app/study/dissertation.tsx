/** The dissertation's metrics and its own two figures, beside what was measured here. */
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { percent } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { RegimeSummary, Study, Variant } from "@/lib/records";
import { figures } from "@/lib/records";
import { methodName, regimeTitle } from "./labels";
import { Protocols } from "./protocols";
import { findMethod } from "./regimes";

/** @param search the study of many protocols */
export function DissertationMetrics({ regimes, search }: { regimes: readonly RegimeSummary[]; search: Study }) {
  return (
    <Section
      id="metrics"
      title="In the dissertation’s metrics"
      note={
        <>
          Mean over seeds, in %; negative log-likelihood (NLL) in nats, and calibration error (ECE, 15 bins of equal
          mass) in points. On a balanced test set of K classes macro sensitivity is the accuracy again and macro
          specificity is 1 − (1 − accuracy)/(K − 1): of ten classes a specificity of 98.8 is an accuracy of 88.9 in
          other clothes.
        </>
      }
    >
      <DataTable
        caption="DMBN, BN-BFN and BFN in accuracy, sensitivity, specificity, F-score, NLL and ECE, mean over seeds"
        columns={metricColumns}
        rows={regimes.flatMap(metricRows)}
        rowKey={({ key }) => key}
      />
      <Protocols search={search} regimes={regimes} />
    </Section>
  );
}

const shownMetrics = ["accuracy", "sensitivity", "specificity", "fScore", "nll", "ece"] as const;

interface MetricRow {
  key: string;
  regime: RegimeSummary;
  name: string;
  first: boolean;
  means: readonly (number | null)[];
}

function metricRows(regime: RegimeSummary): MetricRow[] {
  const wanted: [Variant, string][] = [
    ["bn", "pytorch-default"],
    ["bn", "dmbn"],
    ["bn", "dmbn-biased"],
    ["bn-bfn", "pytorch-default"],
    ["bn-bfn", "dmbn"],
    ["bfn", "pytorch-default"],
  ];
  return wanted.flatMap(([variant, policy], index) => {
    const method = findMethod(regime, variant, policy);
    if (!method) return [];
    return [
      {
        key: `${regime.regime}/${method.method}`,
        regime,
        name: variant === "bfn" ? "no batch norm, BFN" : methodName(method.method),
        first: index === 0,
        means: shownMetrics.map((metric) => method[metric]?.mean ?? null),
      },
    ];
  });
}

const metricColumns: Column<MetricRow>[] = [
  {
    key: "method",
    head: "Method",
    cell: ({ name, regime }) => (
      <>
        {name}
        <span className="folded">
          {" "}
          {regimeTitle(regime)}, batch {regime.batchSize}
        </span>
      </>
    ),
  },
  {
    key: "regime",
    head: "regime",
    wide: true,
    cell: ({ regime, first }) => (
      <span className={first ? undefined : "sr-only"}>
        {regimeTitle(regime)}, batch {regime.batchSize}
      </span>
    ),
  },
  ...shownMetrics.map((metric, index): Column<MetricRow> => {
    const { head } = figures[metric];
    return {
      key: head,
      head,
      align: "end",
      cell: ({ means }) => {
        const mean = means[index]!;
        return mean === null ? <Missing why="not measured" /> : metric === "nll" ? mean.toFixed(3) : percent(mean, 2);
      },
    };
  }),
];
