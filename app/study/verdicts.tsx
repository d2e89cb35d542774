/** Who wins: DMBN and its variants against each baseline, case by case. */
import Link from "next/link";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { count, percent, plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { VarianceEstimator } from "@/lib/dmbn/policy";
import { dmbnReadings, staticSlug, varianceEstimators } from "@/lib/leaderboard";
import type { RegimeSummary, Study } from "@/lib/records";
import { bestStaticSlug } from "@/lib/records";
import { Difference } from "./difference";
import { methodName, regimeTitle } from "./labels";
import { PolicyLink } from "./policy-link";
import { tallyOf } from "./regimes";

/** The two questions, each answered in a sentence; then regime by regime; then for DMBN's other readings. */
export function Verdicts({ study }: { study: Study }) {
  const { regimes } = study.summary;
  return (
    <Section id="answer" title="Does DMBN win?" gap={0}>
      <dl className="mt-2 grid max-w-prose gap-3">
        {questions.map(({ key, title, asked }) => (
          <div key={key}>
            <dt className="font-medium">{title}</dt>
            {asked.map(({ method, against, words }) => (
              <dd key={`${method} ${against}`}>
                {words}: {outcome(regimes, method, against)}
              </dd>
            ))}
          </div>
        ))}
      </dl>
      <p className="note mt-3">
        DMBN wins or loses where the paired t test, adjusted by Holm over all regimes that ask the same, gives p &lt;
        .05; it ties where the whole 95 % interval of the difference lies within ±0.3 points, and is open otherwise. A
        comparison stays within one estimator of the variance: PyTorch’s is unbiased, Keras’s biased, and at batch 4
        that decides more than the momentum. The best fixed β is chosen on the validation split, seed by seed.
      </p>
      <div className="mt-3">
        <DataTable
          caption="Accuracy of all-BN with DMBN less that of others, in points, ± half the paired 95 % interval"
          captionShown
          columns={verdictColumns}
          rows={regimes}
          rowKey={({ regime }) => regime}
        />
      </div>
      <Losses regimes={regimes} />
      <h3 className="mt-5">Its other readings, and recalibration</h3>
      <p className="note mb-2">
        Over all regimes, in all-BN and in BN-BFN, on the same weights: wins, ties, losses, and how many are open.
        Sequential recalibration measures statistics after training, layer after layer, and has no shift by
        construction, which says nothing of its accuracy.
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

const questions = [
  {
    key: "bfn",
    title: "Does all-BN with DMBN beat BN-BFN?",
    asked: estimators.flatMap((variance) => {
      const { dmbn, default: byDefault, best } = slugsOf(variance);
      return [
        { method: `bn/${dmbn}`, against: `bn-bfn/${byDefault}`, words: `Against BN-BFN at β = .9, ${variance}` },
        { method: `bn/${dmbn}`, against: `bn-bfn/${best}`, words: `Against BN-BFN at its best fixed β, ${variance}` },
      ];
    }),
  },
  {
    key: "best",
    title: "Does it beat the best fixed β on the same weights?",
    asked: estimators.map((variance) => {
      const { dmbn, best } = slugsOf(variance);
      return { method: `bn/${dmbn}`, against: `bn/${best}`, words: `In all-BN, ${variance}` };
    }),
  },
] as const;

const find = ({ comparisons }: RegimeSummary, method: string, against: string) =>
  comparisons.find((comparison) => comparison.method === method && comparison.against === against);

/** "wins 1, ties 2, loses 3 and leaves 4 open of 10 regimes." */
function outcome(regimes: readonly RegimeSummary[], method: string, against: string): string {
  const verdicts = regimes.flatMap((regime) => find(regime, method, against)?.verdict ?? []);
  const number = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  return (
    `wins ${number("better")}, ties ${number("tie")}, loses ${number("worse")} and leaves ${number("unresolved")} ` +
    `open of ${plural(verdicts.length, "regime")}.`
  );
}

const verdictColumns: Column<RegimeSummary>[] = [
  {
    key: "regime",
    head: "Regime",
    cell: (regime) => <Link href={`/study/${regime.regime}`}>{regimeTitle(regime)}</Link>,
  },
  { key: "batch", head: "batch", align: "end", cell: ({ batchSize }) => count(batchSize) },
  { key: "steps", head: "steps", align: "end", wide: true, cell: ({ steps }) => count(steps) },
  { key: "seeds", head: "seeds", align: "end", wide: true, cell: ({ seeds }) => count(seeds.length) },
  ...estimators.flatMap((variance): Column<RegimeSummary>[] => {
    const { dmbn, default: byDefault, best } = slugsOf(variance);
    const columns = [
      { head: "BN-BFN, .9", against: `bn-bfn/${byDefault}` },
      { head: "BN-BFN, best β", against: `bn-bfn/${best}` },
      { head: "best β", against: `bn/${best}` },
      { head: "recalibration", against: "bn/precise-bn" },
    ];
    return columns.map(({ head, against }) => ({
      key: `${variance} ${against}`,
      head,
      group: `DMBN, ${variance}, less …`,
      align: "end",
      cell: (regime) => <Difference comparison={find(regime, `bn/${dmbn}`, against)} />,
    }));
  }),
];

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
