/** One regime of the study: both phases, every method in every metric, what DMBN chose, and the paired differences. */
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ButtonLink } from "@/app/_components/controls/controls";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import { DataTable } from "@/app/_components/tables/data-table";
import { Crumbs } from "@/app/_components/text/crumbs";
import { percent } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { variantLabels } from "@/lib/leaderboard";
import { benchmarkOfRegime, studyAddress, studyRegime } from "@/lib/server/study";
import { AccuracyChart } from "../accuracy-chart";
import { policyName, regimeFacts, regimeTitle } from "../labels";
import { findMethod } from "../regimes";
import { ShiftChart } from "../shift-chart";
import { Choices } from "./choices";
import { differenceColumns, Methods } from "./methods";

export async function generateMetadata({ params }: PageProps<"/study/[regime]">): Promise<Metadata> {
  const regime = await studyRegime((await params).regime);
  return regime ? { title: `${regimeTitle(regime)}, batch ${regime.batchSize}: the study` } : { title: "Not found" };
}

export default async function RegimePage({ params }: PageProps<"/study/[regime]">) {
  const regime = await studyRegime((await params).regime);
  if (!regime) notFound();
  const benchmark = await benchmarkOfRegime(regime.regime);
  const variants = regime.variants.filter((variant) => findMethod(regime, variant, "dmbn"));
  return (
    <>
      <Crumbs path={[{ href: "/study", title: "The study" }]} />
      <h1>{regimeTitle(regime)}</h1>
      <p className="lede">{regimeFacts(regime)}.</p>
      {benchmark && (
        <p className="mt-3">
          <ButtonLink href={`/leaderboard/${benchmark.slug}`}>The board of this recipe</ButtonLink>
        </p>
      )}
      <Section id="phase-1" title="Phase 1: a momentum that stays" aside={<MemoryLegend />}>
        <div className="grid gap-6 md:grid-cols-2">
          {variants.map((variant) => (
            <AccuracyChart key={variant} regime={regime} variant={variant} />
          ))}
        </div>
        {regime.oracleByTest.map(({ variant, variance, policy, accuracy }) => (
          <p key={`${variant}/${variance}`} className="note mt-2">
            {variantLabels[variant]}, {variance} variance: the best static momentum by the test split, which nobody can
            choose beforehand, is {policyName(policy)} with {percent(accuracy)}.
          </p>
        ))}
      </Section>
      <Section id="phase-2" title="Phase 2: a momentum for each layer">
        <div className="grid gap-6 md:grid-cols-2">
          {variants.map((variant) => (
            <ShiftChart key={variant} regime={regime} variant={variant} />
          ))}
        </div>
        {variants.map((variant) => (
          <Choices key={variant} regime={regime} variant={variant} />
        ))}
      </Section>
      <Section id="methods" title="Every method">
        <Methods regime={regime} />
      </Section>
      <Section
        id="differences"
        title="Paired differences"
        note={
          <>Accuracy of the first less that of the second on the same seeds, in points, ± half the 95 % interval.</>
        }
      >
        <DataTable
          caption="Paired differences in accuracy between methods"
          columns={differenceColumns}
          rows={regime.comparisons}
          rowKey={({ method, against }) => `${method} ${against}`}
        />
      </Section>
      <p className="note mt-4">
        Every figure of every seed: <a href={`${studyAddress()}/study.csv.gz`}>study.csv.gz</a>; the summary:{" "}
        <a href={`${studyAddress()}/study.json`}>study.json</a>.
      </p>
    </>
  );
}
