/** A run's page, from everything that was published with it. */
import Link from "next/link";
import { TrainingCurves } from "@/app/_components/charts/training-curves";
import { ButtonLink } from "@/app/_components/controls/controls";
import { FlagLink } from "@/app/_components/controls/flag-link";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { methodColumns, methodRow } from "@/app/_components/tables/method-columns";
import { readSort, sortHref } from "@/app/_components/tables/sort";
import { tierLabel } from "@/app/_components/tables/tier-label";
import { Crumbs } from "@/app/_components/text/crumbs";
import { capitalize, date, plural } from "@/app/_components/text/format";
import { RanksNowhere } from "@/app/_components/text/ranks-nowhere";
import { ReportedElsewhere } from "@/app/_components/text/reported-elsewhere";
import { Section } from "@/app/_components/text/section";
import { datasetInfo } from "@/lib/datasets/registry";
import { auditInWords, tiers, variantLabels } from "@/lib/leaderboard";
import type { mistakes as findMistakes } from "@/lib/server/runs/mistakes";
import type { RunDetail, RunScoreDetail } from "@/lib/server/runs/read";
import { runShape } from "@/lib/training";
import { methodHref, rerunForm } from "./addresses";
import { AuditNotice } from "./audit-notice";
import { ChosenMethod } from "./chosen-method";
import { ManifestFacts } from "./manifest-facts";
import { WeightsNotice } from "./weights-notice";

interface RunViewProps {
  run: RunDetail;
  /** The method that is shown in detail. */
  chosen: RunScoreDetail;
  /** Its mistakes; null without the predictions. */
  mistakes: Awaited<ReturnType<typeof findMistakes>>;
  query: Record<string, string | string[] | undefined>;
}

export function RunView({ run, chosen, mistakes, query }: RunViewProps) {
  const { id, manifest, curves, scores, issues } = run;
  const shape = runShape(manifest.recipe, manifest.variant);
  const rows = scores.map(methodRow);
  const columns = [
    ...methodColumns(
      rows,
      shape,
      ({ method, policy }) => (
        <Link href={methodHref(id, query, method)} scroll={false}>
          {policy.name}
        </Link>
      ),
      { byUser: true },
    ),
    ruleColumn,
  ];
  const sort = readSort(
    query,
    columns.filter(({ value }) => value).map(({ key }) => key),
  );
  return (
    <>
      <Crumbs
        path={[
          run.benchmark
            ? { href: `/leaderboard/${run.benchmark.slug}?division=open`, title: run.benchmark.title }
            : { title: "Settings of their own, on no board" },
        ]}
      />
      <h1>{heading(run)}</h1>
      <p className="lede">
        {run.user ? <Link href={`/u/${encodeURIComponent(run.user)}`}>{run.user}</Link> : "A deleted account"} published
        this run on <time dateTime={run.createdAt.toISOString()}>{date(run.createdAt)}</time>:{" "}
        {plural(run.methods, "method")} scored on the same weights. {whatTheServerDid(run)}
        {run.benchmark && !run.ranks && run.seedFrom === "author" && " Its author chose the seed, so it doesn’t rank."}
      </p>
      <AuditNotice {...run} />
      <WeightsNotice weights={run.weights} />
      <p className="mt-3 flex flex-wrap items-center gap-3">
        <ButtonLink prefetch={false} href={`/train?${rerunForm(run)}`}>
          Re-run this in my browser
        </ButtonLink>
        <ButtonLink href={`/compare?runs=${id}`}>Compare with another run</ButtonLink>
        <FlagLink subject="run" id={id} />
      </p>
      {issues.length > 0 && (
        <RanksNowhere
          title="This run ranks nowhere: it was published under earlier rules, and contradicts those of today."
          issues={issues}
        />
      )}
      <Section id="methods" title="Every method of this run" aside={<MemoryLegend />}>
        <DataTable
          caption="Methods with their figures on the test split, derived by the server from the uploaded predictions"
          columns={columns}
          rows={rows}
          rowKey={({ method }) => method}
          selected={chosen.method}
          sorting={{ sort, href: (next) => sortHref(`/runs/${id}`, query, next) }}
        />
        <p className="note mt-2">
          One run, so no intervals over seeds: the board has them. The marked row is shown below; press a name to show
          another. Momenta are of the batch-norm layers in order. The shift is claimed: the browser measured it, and no
          prediction tells it.
        </p>
        {manifest.dataset.slug === "fashion-mnist" && <ReportedElsewhere />}
      </Section>
      <ChosenMethod run={run} chosen={chosen} mistakes={mistakes} />
      <Section id="training" title="Training">
        <div className="grid gap-5 md:grid-cols-2 lg:grid-cols-3">
          <TrainingCurves {...curves} />
        </div>
      </Section>
      <Section id="manifest" title="Manifest">
        <ManifestFacts run={run} />
      </Section>
    </>
  );
}

const ruleColumn: Column<{ policy: { slug: string } }> = {
  key: "policy",
  head: "policy",
  cell: ({ policy }) => <Link href={`/policies/${policy.slug}`}>rule</Link>,
};

export function heading({ benchmark, dataset, variant, seed }: RunDetail): string {
  return `${benchmark?.title ?? datasetInfo(dataset).name}, ${variantLabels[variant]}, seed ${seed}`;
}
/** What came of its audit, or what else the server did. */
function whatTheServerDid({ audit, tier }: RunDetail): string {
  if (audit) return `${capitalize(auditInWords(audit))}.`;
  return `${capitalize(tierLabel(tier))}: ${lowerFirst(tiers.find((known) => known.tier === tier)?.meaning ?? "")}`;
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
