/** The dissertation's comparison, run again with this code: who wins where, by how much, and on what evidence. */
import type { Metadata } from "next";
import Link from "next/link";
import { MemoryLegend } from "@/app/_components/momentum/momentum";
import { count, percent, plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { publishedStudy } from "@/lib/server/study";
import { AccuracyChart } from "./accuracy-chart";
import { DissertationMetrics } from "./dissertation";
import { regimeFacts, regimeTitle } from "./labels";
import { Provenance } from "./provenance";
import { spread } from "./regimes";
import { Verdicts } from "./verdicts";

export const metadata: Metadata = {
  title: "The study",
  description:
    "Does DMBN beat BN-BFN, and the best fixed momentum? Four data sets, four networks, three estimators of the " +
    "variance: tables, plots, intervals and the files they were made from.",
};

export default async function StudyPage() {
  const study = await publishedStudy();
  const { summary } = study;
  return (
    <>
      <h1>The study, run again</h1>
      <p className="lede">
        The dissertation compares a momentum that stays, one that DMBN chooses for each layer, and BN-BFN. Here is that
        comparison with this code: {plural(summary.regimes.length, "regime")}, {plural(study.finished, "training run")}
        {study.finished < study.planned && ` of ${count(study.planned)} planned`}, every policy scored on the same
        weights. Which β to use at a batch and a number of steps, <Link href="/choose">a map</Link> says.
      </p>
      <Verdicts study={study} />
      <Section
        id="regimes"
        title="Phase 1: where momentum matters"
        note={
          <>
            Accuracy against the memory of a static momentum, all BN, unbiased variance, the regimes that tell momenta
            apart most first. Lines across: DMBN, sequential recalibration (dots), BN-BFN at .9 (dashes).
          </>
        }
        aside={<MemoryLegend />}
        gap={4}
      >
        <div className="grid gap-x-6 gap-y-5 md:grid-cols-2 lg:grid-cols-3">
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
      </Section>
      <DissertationMetrics regimes={summary.regimes} search={await publishedStudy("protocols")} />
      <Section id="made" title="How it was made">
        <Provenance study={study} />
      </Section>
    </>
  );
}
