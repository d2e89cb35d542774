/** The dissertation's comparison, run again with this code: who wins where, by how much, and what says so. */
import type { Metadata } from "next";
import Link from "next/link";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { Fact, Facts } from "@/app/_components/tables/facts";
import { count, date, percent, plural } from "@/app/_components/text/format";
import { variantLabels } from "@/app/_components/text/variant";
import type { RegimeSummary, Study, Variant } from "@/lib/records";
import { publishedStudy, studyAddress } from "@/lib/server/study";
import { AccuracyChart } from "./accuracy-chart";
import { Difference } from "./difference";
import { findMethod, methodName, parts, policyName, regimeFacts, regimeTitle, spread, tallyOf } from "./words";

export const metadata: Metadata = {
  title: "The study",
  description:
    "Static momentum, layer-wise dynamic momentum, PreciseBN and BN-BFN compared on the same runs: tables, plots, intervals and the files they were made from.",
};

const baselines = ["pytorch-default", "keras-default", "best-static", "precise-bn"] as const;
const baselineHeads: Record<(typeof baselines)[number], string> = {
  "pytorch-default": "β = .9",
  "keras-default": "β = .99",
  "best-static": "best static β",
  "precise-bn": "PreciseBN",
};

export default async function StudyPage() {
  const study = await publishedStudy();
  const { summary } = study;
  const variants: Variant[] = ["bn", "bn-bfn"];
  const cases = summary.regimes.flatMap((regime) =>
    variants.filter((variant) => findMethod(regime, variant, "dmbn")).map((variant) => ({ regime, variant })),
  );
  return (
    <>
      <h1>The study, run again</h1>
      <p className="lede">
        The dissertation compares a momentum that stays, one that DMBN chooses for each layer, and BN-BFN. Here is that
        comparison with this code: {plural(summary.regimes.length, "regime")},{" "}
        {plural(study.cells.length, "training run")}, every policy scored on the same weights.
      </p>
      <section className="section" aria-labelledby="answer">
        <h2 id="answer">Does DMBN win?</h2>
        <ul className="mt-2 grid max-w-prose list-disc gap-1 ps-5">
          {baselines.map((baseline) => (
            <li key={baseline}>
              Against {baselineHeads[baseline]}: {outcome(study, baseline)}
            </li>
          ))}
        </ul>
        <p className="note mt-3">
          A case is a regime and a variant. DMBN wins or loses where the paired t test gives p &lt; .05, ties where the
          whole 95 % interval of the difference lies within ±0.3 points, and is open otherwise. The best static β is
          chosen on the validation split, seed by seed; PreciseBN measures statistics anew and has no shift by
          construction, so it bounds what any average can reach. With five seeds a sign-flip test cannot go below p =
          .0625.
        </p>
        <div className="mt-3">
          <DataTable
            caption="Accuracy of DMBN less that of each baseline, in points, ± half the paired 95 % interval"
            captionShown
            columns={verdictColumns}
            rows={cases}
            rowKey={keyOf}
          />
        </div>
        <Losses regimes={summary.regimes} />
        <h3 className="mt-5">Its variants</h3>
        <p className="note mb-2">Over all cases that have them: wins, ties, losses, and how many are open.</p>
        <DataTable
          caption="Every variant of DMBN against each baseline: wins, ties, losses, open"
          columns={variantColumns(study)}
          rows={dmbnVariants}
          rowKey={(policy) => policy}
        />
      </section>
      <section className="section" aria-labelledby="regimes">
        <div className="flex flex-wrap items-end justify-between gap-3">
          <div>
            <h2 id="regimes">Phase 1: where momentum matters</h2>
            <p className="note">
              Accuracy against the memory of a static momentum, all BN, the regimes that tell momenta apart most first.
              Lines across: DMBN, PreciseBN (dots), BN-BFN at .9 (dashes).
            </p>
          </div>
          <MemoryLegend />
        </div>
        <div className="mt-4 grid gap-x-6 gap-y-5 md:grid-cols-2 lg:grid-cols-3">
          {[...summary.regimes]
            .sort((a, b) => (spread(b, "bn") ?? 0) - (spread(a, "bn") ?? 0))
            .map((regime) => (
              <figure key={regime.regime} className="figure">
                <figcaption>
                  <h3>
                    <Link href={`/study/${regime.regime}`}>{regimeTitle(regime)}</Link>
                  </h3>
                  <p className="note">
                    {regimeFacts(regime)}; {percent(spread(regime, "bn") ?? 0)} points between static momenta
                  </p>
                </figcaption>
                <AccuracyChart regime={regime} variant="bn" small />
              </figure>
            ))}
        </div>
      </section>
      <section className="section" aria-labelledby="metrics">
        <h2 id="metrics">In the dissertation&rsquo;s metrics</h2>
        <p className="note mb-3">
          Mean over seeds, %. On a balanced test set of ten classes macro sensitivity is the accuracy again and macro
          specificity is 1 − (1 − accuracy)/9: a specificity of 98.8 is an accuracy of 88.9 in other clothes.
        </p>
        <DataTable
          caption="DMBN and BN-BFN in accuracy, sensitivity, specificity and F-score, mean over seeds"
          columns={metricColumns}
          rows={summary.regimes.flatMap(metricRows)}
          rowKey={({ key }) => key}
        />
        <Reported regimes={summary.regimes} />
      </section>
      <section className="section" aria-labelledby="made">
        <h2 id="made" className="mb-3">
          How it was made
        </h2>
        <Provenance study={study} />
      </section>
    </>
  );
}

interface Case {
  regime: RegimeSummary;
  variant: Variant;
}

const keyOf = ({ regime, variant }: Case) => `${regime.regime}/${variant}`;
const comparison = ({ regime, variant }: Case, against: string) =>
  regime.comparisons.find((one) => one.method === `${variant}/dmbn` && one.against === against);

const verdictColumns: Column<Case>[] = [
  {
    key: "regime",
    head: "Regime",
    cell: ({ regime, variant }) => (
      <>
        <Link href={`/study/${regime.regime}`}>{regimeTitle(regime)}</Link>
        <span className="folded"> {variantLabels[variant]}</span>
      </>
    ),
  },
  { key: "batch", head: "batch", align: "end", cell: ({ regime }) => count(regime.batchSize) },
  { key: "steps", head: "steps", align: "end", wide: true, cell: ({ regime }) => count(regime.steps) },
  { key: "variant", head: "variant", wide: true, cell: ({ variant }) => variantLabels[variant] },
  ...baselines.map(
    (baseline): Column<Case> => ({
      key: baseline,
      head: baselineHeads[baseline],
      group: "DMBN less … on the same weights",
      align: "end",
      cell: (one) => <Difference comparison={comparison(one, `${one.variant}/${baseline}`)} />,
    }),
  ),
  {
    key: "bfn",
    head: "BN-BFN at .9",
    group: "less another network",
    align: "end",
    cell: (one) => <Difference comparison={comparison(one, "bn-bfn/pytorch-default")} />,
  },
];

const dmbnVariants = [
  "dmbn",
  "dmbn-independent",
  "dmbn-per-channel",
  "dmbn-separate",
  "dmbn-biased",
  "dmbn-total",
  "closed-form",
] as const;

const variantColumns = ({ summary }: Study): Column<string>[] => [
  { key: "variant", head: "Variant", cell: (policy) => <Link href={`/policies/${policy}`}>{policyName(policy)}</Link> },
  ...baselines.map(
    (baseline): Column<string> => ({
      key: baseline,
      head: baselineHeads[baseline],
      group: "against … on the same weights",
      align: "end",
      cell: (policy) => {
        const { better, tie, worse, unresolved } = tallyOf(summary, policy, baseline);
        return (
          <>
            {better} / {tie} / {worse}
            <span className="margin"> / {unresolved}</span>
          </>
        );
      },
    }),
  ),
];

function outcome({ summary }: Study, baseline: string): string {
  const { better, tie, worse, unresolved, of } = tallyOf(summary, "dmbn", baseline);
  return `wins ${better}, ties ${tie}, loses ${worse} and leaves ${unresolved} open of ${of} cases.`;
}

/** Where DMBN is significantly worse than something that was on the same weights. */
function Losses({ regimes }: { regimes: readonly RegimeSummary[] }) {
  const losses = regimes.flatMap((regime) =>
    regime.comparisons
      .filter(({ method, verdict }) => parts(method).policy === "dmbn" && verdict === "worse")
      .map(({ method, against, difference }) => ({
        key: `${regime.regime} ${method} ${against}`,
        regime,
        method,
        against,
        difference,
      })),
  );
  if (losses.length === 0)
    return (
      <p className="mt-4 max-w-prose">
        No baseline beats it significantly in any case; where it is open or tied, it has not been shown to help either.
      </p>
    );
  return (
    <div className="mt-4">
      <h3>Where it does not win</h3>
      <ul className="mt-1 grid max-w-prose list-disc gap-1 ps-5">
        {losses.map(({ key, regime, method, against, difference }) => (
          <li key={key}>
            <Link href={`/study/${regime.regime}`}>{regimeTitle(regime)}</Link>, batch {count(regime.batchSize)}:{" "}
            {methodName(method)}, loses {percent(-difference.mean)} points to {methodName(against)}.
          </li>
        ))}
      </ul>
    </div>
  );
}

interface MetricRow {
  key: string;
  regime: RegimeSummary;
  name: string;
  first: boolean;
  figures: readonly number[];
}

function metricRows(regime: RegimeSummary): MetricRow[] {
  const wanted: [Variant, string][] = [
    ["bn", "pytorch-default"],
    ["bn", "dmbn"],
    ["bn-bfn", "pytorch-default"],
    ["bn-bfn", "dmbn"],
  ];
  return wanted.flatMap(([variant, policy], index) => {
    const found = findMethod(regime, variant, policy);
    if (!found) return [];
    return [
      {
        key: `${regime.regime}/${found.method}`,
        regime,
        name: methodName(found.method),
        first: index === 0,
        figures: [found.accuracy, found.sensitivity, found.specificity, found.fScore].map(({ mean }) => mean),
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
  ...["accuracy", "sensitivity", "specificity", "F-score"].map(
    (head, index): Column<MetricRow> => ({
      key: head,
      head,
      align: "end",
      cell: ({ figures }) => percent(figures[index]!, 2),
    }),
  ),
];

/** The dissertation's own two figures beside what was measured on the same data set. */
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

function Provenance({ study }: { study: Study }) {
  const { command, cells, machine, jobs, finishedAt, summary } = study;
  const { software, backend } = cells[0]!.manifest;
  const seeds = [...new Set(summary.regimes.flatMap((regime) => regime.seeds))].sort((a, b) => a - b);
  const hours = cells.reduce((sum, { timings }) => sum + timings.trainingSeconds + timings.scoringSeconds, 0) / 3600;
  return (
    <>
      <Facts>
        <Fact name="Command">
          <code className="break-all">{command}</code>
        </Fact>
        <Fact name="Versions">
          dmbench {software.dmbench}, TensorFlow.js {software.tfjs}, Node {machine.node}, {backend.name} (
          {backend.adapter})
        </Fact>
        <Fact name="Seeds">{seeds.join(", ")}</Fact>
        <Fact name="Machine">
          {machine.processor}, {plural(machine.cores, "core")}, {machine.memoryGiB} GiB, {machine.system}; {jobs} at
          once, {hours.toFixed(1)} hours of training and scoring in all
        </Fact>
        <Fact name="Finished">{date(finishedAt)}</Fact>
        <Fact name="Files">
          <a href={`${studyAddress}/study.json`}>study.json</a> (all runs),{" "}
          <a href={`${studyAddress}/study.csv`}>study.csv</a> (a line a run and policy),{" "}
          <a href={`${studyAddress}/study.md`}>study.md</a>
        </Fact>
      </Facts>
      <p className="note mt-3">
        The same command makes the same runs again: seeds fix data order and initial weights. It keeps every finished
        run and goes on where it was stopped.
      </p>
    </>
  );
}
