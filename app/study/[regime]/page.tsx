/** One regime of the study: both phases, every method in every metric, what DMBN chose, and the paired differences. */
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { memoryClass } from "@/app/_components/momentum/memory";
import { MemoryLegend, MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { metricColumns } from "@/app/_components/tables/metric-columns";
import { percent, significant } from "@/app/_components/text/format";
import { variantLabels } from "@/app/_components/text/variant";
import type { MethodSummary, RegimeSummary, Variant } from "@/lib/records";
import { studyAddress, studyRegime } from "@/lib/server/study";
import { AccuracyChart } from "../accuracy-chart";
import { Difference } from "../difference";
import { ShiftChart } from "../shift-chart";
import type { Comparison } from "../words";
import { findMethod, methodName, parts, policyName, regimeFacts, regimeTitle, staticMomentum } from "../words";

export async function generateMetadata({ params }: PageProps<"/study/[regime]">): Promise<Metadata> {
  const regime = await studyRegime((await params).regime);
  return regime ? { title: `${regimeTitle(regime)}, batch ${regime.batchSize}: the study` } : { title: "Not found" };
}

export default async function RegimePage({ params }: PageProps<"/study/[regime]">) {
  const regime = await studyRegime((await params).regime);
  if (!regime) notFound();
  const variants = regime.variants.filter((variant) => findMethod(regime, variant, "dmbn"));
  return (
    <>
      <p className="crumbs">
        <Link href="/study">The study</Link>
      </p>
      <h1>{regimeTitle(regime)}</h1>
      <p className="lede">{regimeFacts(regime)}.</p>
      <section className="section" aria-labelledby="phase-1">
        <div className="flex flex-wrap items-end justify-between gap-3">
          <h2 id="phase-1">Phase 1: a momentum that stays</h2>
          <MemoryLegend />
        </div>
        <div className="mt-3 grid gap-6 md:grid-cols-2">
          {variants.map((variant) => (
            <AccuracyChart key={variant} regime={regime} variant={variant} />
          ))}
        </div>
        {regime.oracleByTest.map(({ variant, policy, accuracy }) => (
          <p key={variant} className="note mt-2">
            {variantLabels[variant]}: the best static momentum by the test split, which nobody can choose beforehand, is{" "}
            {policyName(policy)} with {percent(accuracy)}.
          </p>
        ))}
      </section>
      <section className="section" aria-labelledby="phase-2">
        <h2 id="phase-2">Phase 2: a momentum for each layer</h2>
        <div className="mt-3 grid gap-6 md:grid-cols-2">
          {variants.map((variant) => (
            <ShiftChart key={variant} regime={regime} variant={variant} />
          ))}
        </div>
        {variants.map((variant) => (
          <Choices key={variant} regime={regime} variant={variant} />
        ))}
      </section>
      <section className="section" aria-labelledby="methods">
        <h2 id="methods" className="mb-3">
          Every method
        </h2>
        <Methods regime={regime} />
      </section>
      <section className="section" aria-labelledby="differences">
        <h2 id="differences">Paired differences</h2>
        <p className="note mb-3">
          Accuracy of the first less that of the second on the same seeds, in points, ± half the 95 % interval.
        </p>
        <DataTable
          caption="Paired differences in accuracy between methods"
          columns={differenceColumns}
          rows={regime.comparisons}
          rowKey={({ method, against }) => `${method} ${against}`}
        />
      </section>
      <p className="note mt-4">
        Every figure of every seed: <a href={`${studyAddress}/study.csv`}>study.csv</a>,{" "}
        <a href={`${studyAddress}/study.json`}>study.json</a>.
      </p>
    </>
  );
}

function Choices({ regime, variant }: { regime: RegimeSummary; variant: Variant }) {
  const dmbn = findMethod(regime, variant, "dmbn")!;
  type Layer = { layer: string; shift: number; choices: MethodSummary["momentumPerLayer"][number] };
  const rows: Layer[] = dmbn.shiftPerLayer.map(({ layer, shift }, index) => ({
    layer,
    shift,
    choices: dmbn.momentumPerLayer[index] ?? [],
  }));
  const { onEdge, of } = dmbn.edgeOfGrid;
  const columns: Column<Layer>[] = [
    { key: "layer", head: "Layer", cell: ({ layer }) => layer },
    {
      key: "choices",
      head: "keeps of the old (in how many seeds)",
      cell: ({ choices }) => (
        <span className="inline-flex gap-3">
          {[...choices]
            .sort((a, b) => b.seeds - a.seeds)
            .map(({ momentum, seeds }) => (
              <span key={String(momentum)}>
                <MomentumChip
                  memory={typeof momentum === "string" ? "cumulative" : momentum}
                  label={typeof momentum === "string" ? "1 − 1/t" : String(momentum ?? "–")}
                />
                <span className="margin"> ×{seeds}</span>
              </span>
            ))}
        </span>
      ),
    },
    { key: "shift", head: "estimation shift", align: "end", cell: ({ shift }) => significant(shift) },
  ];
  const table = (
    <DataTable
      caption={`What DMBN chose in each layer, ${variantLabels[variant]}`}
      columns={columns}
      rows={rows}
      rowKey={({ layer }) => layer}
    />
  );
  return (
    <div className="mt-5">
      <h3>{variantLabels[variant]}: what DMBN chose</h3>
      <p className="note mb-2">
        {onEdge} of {of} choices lie on the edge of the grid, the first or the last candidate.
      </p>
      {rows.length > 12 ? (
        <details>
          <summary>{rows.length} layers</summary>
          {table}
        </details>
      ) : (
        table
      )}
    </div>
  );
}

function Methods({ regime }: { regime: RegimeSummary }) {
  const estimate = ({ mean, deviation, interval }: MethodSummary["accuracy"]) => ({
    mean,
    deviation,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
  });
  const rows = regime.methods
    .map((method) => ({
      ...parts(method.method),
      method: method.method,
      accuracy: estimate(method.accuracy),
      sensitivity: estimate(method.sensitivity),
      specificity: estimate(method.specificity),
      fScore: estimate(method.fScore),
      esm: estimate(method.shift),
    }))
    .sort((a, b) => b.accuracy.mean - a.accuracy.mean);
  const columns: Column<(typeof rows)[number]>[] = [
    {
      key: "method",
      head: "Method",
      cell: ({ policy, variant }) => (
        <>
          {policy === "best-static" ? (
            policyName(policy)
          ) : (
            <Link href={`/policies/${policy}`}>{policyName(policy)}</Link>
          )}
          <span className="folded"> {variantLabels[variant]}</span>
        </>
      ),
    },
    ...metricColumns(rows, ({ policy }) => memoryClass(staticMomentum(policy))),
    { key: "variant", head: "variant", wide: true, cell: ({ variant }) => variantLabels[variant] },
  ];
  return (
    <DataTable
      caption={`Every method of ${regimeTitle(regime)}: mean ± half the 95 % interval over seeds, the highest accuracy first`}
      columns={columns}
      rows={rows}
      rowKey={({ method }) => method}
    />
  );
}

const differenceColumns: Column<Comparison>[] = [
  { key: "method", head: "Method", cell: ({ method }) => methodName(method) },
  { key: "against", head: "less", cell: ({ against }) => methodName(against) },
  { key: "difference", head: "points", align: "end", cell: (comparison) => <Difference comparison={comparison} /> },
  {
    key: "p",
    head: "p",
    align: "end",
    cell: ({ difference: { pValue } }) => (pValue === null ? "–" : pValue < 0.001 ? "< .001" : pValue.toFixed(3)),
  },
];
