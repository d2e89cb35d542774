/** The front page: the idea in one picture, how a result is made, the top of a board, and where to start. */
import Link from "next/link";
import { ButtonLink } from "@/app/_components/controls/controls";
import { drift } from "@/app/_components/momentum/drift";
import { DriftExplainer } from "@/app/_components/momentum/drift-explainer";
import { RunList } from "@/app/_components/tables/run-list";
import { Section } from "@/app/_components/text/section";
import { needInWords } from "@/lib/leaderboard";
import { listBenchmarks } from "@/lib/server/boards/benchmarks";
import { boardsInNeed } from "@/lib/server/boards/needs";
import { boardPage } from "@/lib/server/boards/read";
import { listPolicies } from "@/lib/server/policies/read";
import { recentRuns } from "@/lib/server/runs/read";
import { HowItWorks } from "./how-it-works";
import { TopMethods } from "./top-methods";

export const dynamic = "force-dynamic";

const illustration = drift();

export default async function HomePage() {
  const [benchmarks, [needed]] = await Promise.all([listBenchmarks(), boardsInNeed()]);
  const busiest = benchmarks.reduce<(typeof benchmarks)[number] | null>(
    (busiest, benchmark) => (benchmark.recordedRuns > (busiest?.recordedRuns ?? 0) ? benchmark : busiest),
    null,
  );
  const [top, policies, runs] = await Promise.all([
    busiest ? boardPage(busiest.slug, {}, { take: 6 }) : null,
    listPolicies(),
    recentRuns({ take: 5 }),
  ]);
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-x-5 gap-y-3">
        <div>
          <h1>Which running average should batch norm keep?</h1>
          <p className="lede">
            At inference, batch norm uses statistics it gathered while training. How long it remembers decides how far
            they are from the truth. DMBench measures that, in your browser, on real data.
          </p>
        </div>
        <p className="flex flex-wrap gap-2">
          <ButtonLink href="/train" kind="primary">
            Train now
          </ButtonLink>
          <ButtonLink href="/choose">Which momentum should I use?</ButtonLink>
        </p>
      </div>
      {needed && (
        <p className="note mt-2">
          <Link href="/contribute">This board needs a run</Link>: {needed.title}. {needInWords(needed)}
        </p>
      )}
      <section className="mt-4 border-t border-line pt-3" aria-label="The idea in one picture">
        <DriftExplainer {...illustration} />
      </section>
      <HowItWorks policies={policies.length} />
      <TopMethods busiest={busiest} top={top} policies={policies} />
      {runs.length > 0 && (
        <Section id="recent" title="Latest runs">
          <RunList caption="The latest published runs" runs={runs} showUser />
        </Section>
      )}
    </>
  );
}
