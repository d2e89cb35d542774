/** The dissertation's metrics and its own two figures, beside what was measured here. */
import Link from "next/link";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { percent } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { RegimeSummary, Variant } from "@/lib/records";
import { figures } from "@/lib/records";
import { methodName, regimeTitle } from "./labels";
import { findMethod } from "./regimes";

export function DissertationMetrics({ regimes }: { regimes: readonly RegimeSummary[] }) {
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
      <Reported regimes={regimes} />
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

/** The dissertation's own two figures beside those measured on the same data set. */
function Reported({ regimes }: { regimes: readonly RegimeSummary[] }) {
  const measured = regimes.find(({ regime }) => regime === "fashion-mnist-mlp");
  if (!measured) return null;
  const mean = (variant: Variant, policy: string) =>
    findMethod(measured, variant, policy)?.accuracy.mean.toFixed(3) ?? "–";
  return (
    <p className="mt-4 max-w-prose">
      On Fashion-MNIST the dissertation reports accuracy 0.889 for DMBN and 0.853 for BN-BFN (reported, protocol
      unknown: network, batch size, epochs and seeds are not public). Measured here on{" "}
      <Link href="/study/fashion-mnist-mlp">our MLP</Link>: {mean("bn", "dmbn")} for DMBN,{" "}
      {mean("bn-bfn", "pytorch-default")} for BN-BFN at β = .9 and {mean("bn-bfn", "dmbn")} for BN-BFN with DMBN. The
      method here is our reading of it.
    </p>
  );
}
