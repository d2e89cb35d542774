/** Who wins: DMBN and its variants against each baseline, case by case. */
import Link from "next/link";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { count, percent } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { variantLabels } from "@/lib/leaderboard";
import type { RegimeSummary, Study, Variant } from "@/lib/records";
import { Difference } from "./difference";
import { methodName, parts, policyName, regimeTitle } from "./labels";
import { findMethod, tallyOf } from "./regimes";

/** The answer in a list, then case by case, then for the variants of DMBN. */
export function Verdicts({ study }: { study: Study }) {
  const { summary } = study;
  const variants: Variant[] = ["bn", "bn-bfn"];
  const cases = summary.regimes.flatMap((regime) =>
    variants.filter((variant) => findMethod(regime, variant, "dmbn")).map((variant) => ({ regime, variant })),
  );
  return (
    <Section id="answer" title="Does DMBN win?" gap={0}>
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
        chosen on the validation split, seed by seed; sequential recalibration measures statistics after training, layer
        after layer, and has no shift by construction, which says nothing of its accuracy. With five seeds a sign-flip
        test cannot go below p = .0625.
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
    </Section>
  );
}

const baselines = ["pytorch-default", "keras-default", "best-static", "precise-bn"] as const;

const baselineHeads: Record<(typeof baselines)[number], string> = {
  "pytorch-default": "β = .9",
  "keras-default": "β = .99",
  "best-static": "best static β",
  "precise-bn": "recalibration",
};

interface Case {
  regime: RegimeSummary;
  variant: Variant;
}

const keyOf = ({ regime, variant }: Case) => `${regime.regime}/${variant}`;

const comparison = ({ regime, variant }: Case, against: string) =>
  regime.comparisons.find(({ method, against: other }) => method === `${variant}/dmbn` && other === against);

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
      cell: (row) => <Difference comparison={comparison(row, `${row.variant}/${baseline}`)} />,
    }),
  ),
  {
    key: "bfn",
    head: "BN-BFN at .9",
    group: "less another network",
    align: "end",
    cell: (row) => <Difference comparison={comparison(row, "bn-bfn/pytorch-default")} />,
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

/** Where DMBN is significantly worse than another method on the same weights. */
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
