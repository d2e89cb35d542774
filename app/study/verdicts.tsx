/** Who wins: DMBN and its variants against each baseline, case by case. */
import Link from "next/link";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { count, percent } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { VarianceEstimator } from "@/lib/dmbn/policy";
import { dmbnReadings, staticSlug, varianceEstimators } from "@/lib/leaderboard";
import type { RegimeSummary, Study } from "@/lib/records";
import { bestStaticSlug } from "@/lib/records";
import { Difference } from "./difference";
import { methodName, regimeTitle, verdictLabels } from "./labels";
import { PolicyLink } from "./policy-link";
import { tallyOf } from "./regimes";

/** The two questions with their answers in numbers; then regime by regime; then for DMBN's other readings. */
export function Verdicts({ study }: { study: Study }) {
  const { regimes } = study.summary;
  return (
    <Section id="answer" title="Does DMBN win?" gap={0}>
      <DataTable
        caption="All-BN with DMBN: in how many regimes it wins, ties, loses, and is open"
        columns={answerColumns(regimes)}
        rows={questions}
        rowKey={({ method, against }) => `${method} ${against}`}
        section={({ title }) => title}
      />
      <p className="note mt-3">
        DMBN wins or loses where the paired t test, adjusted by Holm over all regimes that ask the same, gives p &lt;
        .05; it ties where the whole 95 % interval of the difference lies within ±0.3 points, and is open otherwise. A
        comparison stays within one estimator of the variance: PyTorch’s is unbiased, Keras’s biased, and at batch 4
        that decides more than the momentum. The best fixed β is chosen on the validation split, seed by seed.
      </p>
      {estimators.map((variance) => (
        <div key={variance} className="mt-4">
          <DataTable
            caption={`Accuracy of all-BN with DMBN, ${variance} variance, less that of others, in points, ± half the paired 95 % interval`}
            captionShown
            columns={verdictColumns(variance)}
            rows={regimes}
            rowKey={({ regime }) => regime}
          />
        </div>
      ))}
      <Losses regimes={regimes} />
      <h3 className="mt-5">Its other readings, and recalibration</h3>
      <p className="note mb-2">
        Over all regimes, in all-BN and in BN-BFN, on the same weights: wins, ties, losses, and how many are open.
        Sequential recalibration measures statistics after training, layer after layer, and has no shift by
        construction, which says nothing of its accuracy. Small-batch recalibration is{" "}
        <Link href="/study/our-policy">our own policy</Link>, with a study that was registered before its runs.
      </p>
      <DataTable
        caption="Readings of DMBN, and recalibrations: wins, ties, losses, open"
        columns={readingColumns(study)}
        rows={readings}
        rowKey={(policy) => policy}
      />
    </Section>
  );
}

const estimators = ["unbiased", "biased"] as const;

/** Slugs of one estimator. */
const slugsOf = (variance: (typeof estimators)[number]) => ({
  dmbn: dmbnReadings(variance)[0]!.slug,
  default: staticSlug("0.9", variance),
  best: bestStaticSlug(variance),
});

interface Question {
  title: string;
  words: string;
  method: string;
  against: string;
}

const questions: readonly Question[] = [
  ...estimators.flatMap((variance): Question[] => {
    const { dmbn, default: byDefault, best } = slugsOf(variance);
    const title = "Does all-BN with DMBN beat BN-BFN?";
    return [
      { title, words: `BN-BFN at β = .9, ${variance}`, method: `bn/${dmbn}`, against: `bn-bfn/${byDefault}` },
      { title, words: `BN-BFN at its best fixed β, ${variance}`, method: `bn/${dmbn}`, against: `bn-bfn/${best}` },
    ];
  }),
  ...estimators.map((variance): Question => {
    const { dmbn, best } = slugsOf(variance);
    const title = "Does it beat the best fixed β on the same weights?";
    return { title, words: `the best fixed β, ${variance}`, method: `bn/${dmbn}`, against: `bn/${best}` };
  }),
];

const find = ({ comparisons }: RegimeSummary, method: string, against: string) =>
  comparisons.find((comparison) => comparison.method === method && comparison.against === against);

const answerColumns = (regimes: readonly RegimeSummary[]): Column<Question>[] => [
  { key: "against", head: "Against", cell: ({ words }) => words },
  ...(["better", "tie", "worse", "unresolved"] as const).map(
    (verdict): Column<Question> => ({
      key: verdict,
      head: verdictLabels[verdict],
      align: "end",
      cell: ({ method, against }) =>
        regimes.filter((regime) => find(regime, method, against)?.verdict === verdict).length,
    }),
  ),
  {
    key: "of",
    head: "of regimes",
    align: "end",
    cell: ({ method, against }) => regimes.filter((regime) => find(regime, method, against)).length,
  },
];

function verdictColumns(variance: (typeof estimators)[number]): Column<RegimeSummary>[] {
  const { dmbn, default: byDefault, best } = slugsOf(variance);
  const columns = [
    { head: "BN-BFN, .9", against: `bn-bfn/${byDefault}` },
    { head: "BN-BFN, best β", against: `bn-bfn/${best}` },
    { head: "best β", against: `bn/${best}` },
    { head: "recalibration", against: "bn/precise-bn" },
  ];
  return [
    {
      key: "regime",
      head: "Regime",
      cell: (regime) => <Link href={`/study/${regime.regime}`}>{regimeTitle(regime)}</Link>,
    },
    { key: "batch", head: "batch", align: "end", cell: ({ batchSize }) => count(batchSize) },
    { key: "steps", head: "steps", align: "end", wide: true, cell: ({ steps }) => count(steps) },
    { key: "seeds", head: "seeds", align: "end", wide: true, cell: ({ seeds }) => count(seeds.length) },
    ...columns.map(
      ({ head, against }): Column<RegimeSummary> => ({
        key: against,
        head,
        group: "less …",
        align: "end",
        cell: (regime) => <Difference comparison={find(regime, `bn/${dmbn}`, against)} />,
      }),
    ),
  ];
}

/** A row of the table of readings, with the baselines of its estimator. */
const readings: readonly string[] = [
  ...varianceEstimators.flatMap((variance) => dmbnReadings(variance).map(({ slug }) => slug)),
  "torch-update-bn",
  "fvcore-precise-bn",
  "small-batch-recalibration",
];

const varianceOf = (slug: string): VarianceEstimator =>
  varianceEstimators.find((variance) => dmbnReadings(variance).some((reading) => reading.slug === slug)) ?? "biased";

const readingBaselines = [
  { head: "β = .9", of: (variance: VarianceEstimator) => staticSlug("0.9", variance) },
  { head: "β = .99", of: (variance: VarianceEstimator) => staticSlug("0.99", variance) },
  { head: "best fixed β", of: bestStaticSlug },
  { head: "recalibration", of: () => "precise-bn" },
] as const;

const readingColumns = ({ summary }: Study): Column<string>[] => [
  { key: "reading", head: "Policy", cell: (slug) => <PolicyLink slug={slug} /> },
  ...readingBaselines.map(
    ({ head, of }): Column<string> => ({
      key: head,
      head,
      group: "against … of the same estimator",
      align: "end",
      cell: (slug) => {
        const { better, tie, worse, unresolved, of: all } = tallyOf(summary, slug, of(varianceOf(slug)));
        if (all === 0) return <Missing why="not compared" />;
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

/** Where DMBN is significantly worse than another method. */
function Losses({ regimes }: { regimes: readonly RegimeSummary[] }) {
  const subjects = estimators.map((variance) => `bn/${slugsOf(variance).dmbn}`);
  const losses = regimes.flatMap((regime) =>
    regime.comparisons
      .filter(({ method, verdict }) => subjects.includes(method) && verdict === "worse")
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
        Nothing beats it significantly in any regime; where it is open or tied, it has not been shown to help either.
      </p>
    );
  return (
    <div className="mt-4">
      <h3>Where it loses</h3>
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
