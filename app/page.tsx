/** The front page: the idea in one picture, how a result comes about, the top of a board, and the way in. */
import Link from "next/link";
import { ButtonLink } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { drift } from "@/app/_components/momentum/drift";
import { DriftExplainer } from "@/app/_components/momentum/drift-explainer";
import { Equation, Hat } from "@/app/_components/momentum/equation";
import { memoryClass } from "@/app/_components/momentum/memory";
import type { MomentumMark } from "@/app/_components/momentum/momentum";
import { MemoryLegend, MomentumChip } from "@/app/_components/momentum/momentum";
import { policyMark } from "@/app/_components/momentum/policy-mark";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { metricColumns } from "@/app/_components/tables/metric-columns";
import { RunList } from "@/app/_components/tables/run-list";
import { plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { variantLabels } from "@/app/_components/text/variant";
import { parsePolicy } from "@/lib/dmbn/policy";
import { listBenchmarks } from "@/lib/server/boards/benchmarks";
import type { BoardEntry } from "@/lib/server/boards/entries";
import { board } from "@/lib/server/boards/entries";
import { listPolicies } from "@/lib/server/policies/read";
import { recentRuns } from "@/lib/server/runs/read";
import { runShape } from "@/lib/training";

export const dynamic = "force-dynamic";

const illustration = drift();

export default async function HomePage() {
  const benchmarks = await listBenchmarks();
  const busiest = benchmarks.reduce<(typeof benchmarks)[number] | null>(
    (most, one) => (one.methods > 0 && one.runs > (most?.runs ?? 0) ? one : most),
    null,
  );
  const [top, policies, runs] = await Promise.all([
    busiest ? board(busiest.slug, { take: 6 }) : null,
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
        <p>
          <ButtonLink href="/train" kind="primary">
            Train now
          </ButtonLink>
        </p>
      </div>
      <section className="mt-4 border-t border-line pt-3" aria-label="The idea in one picture">
        <DriftExplainer {...illustration} />
      </section>
      <section className="section grid gap-5 md:grid-cols-3" aria-label="How it works">
        <div>
          <h2>The rule</h2>
          <Equation words="The new running mean is beta times the old one plus one minus beta times the batch mean">
            <Hat>μ</Hat> ← <var>β</var> <Hat>μ</Hat> + (1 − <var>β</var>) <var>μ</var>
            <sub>
              <var>B</var>
            </sub>
          </Equation>
          <p className="mt-1 text-ink-2">
            β weighs the old average, as in Keras; PyTorch calls 1 − β its momentum.{" "}
            <strong className="font-semibold text-ink">DMBN</strong> chooses β for each layer by the least estimation
            shift.
          </p>
        </div>
        <div>
          <h2>One run scores them all</h2>
          <p className="mt-2 text-ink-2">
            Training reads batch statistics only, so no momentum changes a single weight. One run therefore scores every
            policy exactly, on identical weights: all of{" "}
            <Link href="/policies">the {policies.length} published policies</Link>. Comparisons are paired by
            construction.
          </p>
        </div>
        <div>
          <h2>Published with what proves it</h2>
          <p className="mt-2 text-ink-2">
            You publish the prediction for every test example; the server derives all figures from them and its own
            labels. Rows say in plain words what was checked, and carry the interval over seeds.
          </p>
        </div>
      </section>
      <section className="section" aria-labelledby="board">
        {top && busiest ? (
          <>
            <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
              <div>
                <h2 id="board">{top.benchmark.title}: the highest means so far</h2>
                <p className="note">
                  Mean ± half the 95 % interval over seeds. {plural(busiest.methods, "method")} from{" "}
                  {plural(busiest.runs, "run")}; <Link href={`/leaderboard/${busiest.slug}`}>the whole board</Link>.
                </p>
              </div>
              <MemoryLegend />
            </div>
            <Top
              rows={top.rows}
              marks={
                new Map(
                  policies.map(({ slug, document }) => [
                    slug,
                    policyMark(parsePolicy(document), runShape(top.benchmark.recipe)),
                  ]),
                )
              }
              title={top.benchmark.title}
            />
          </>
        ) : (
          <>
            <h2 id="board" className="mb-3">
              Leaderboard
            </h2>
            <Empty
              title="No run has been published here yet"
              actions={
                <ButtonLink href="/train" kind="primary">
                  Train the first
                </ButtonLink>
              }
            >
              The digits benchmark trains in seconds on any machine.
            </Empty>
          </>
        )}
      </section>
      {runs.length > 0 && (
        <Section id="recent" title="Latest runs">
          <RunList caption="The latest published runs" runs={runs} showUser />
        </Section>
      )}
    </>
  );
}

function Top({
  rows,
  marks,
  title,
}: {
  rows: readonly BoardEntry[];
  marks: ReadonlyMap<string, MomentumMark>;
  title: string;
}) {
  const mark = ({ policy }: BoardEntry): MomentumMark => marks.get(policy.slug) ?? { memory: null, label: policy.rule };
  const columns: Column<BoardEntry>[] = [
    {
      key: "method",
      head: "Method",
      cell: ({ policy, variant }) => (
        <>
          <Link href={`/policies/${policy.slug}`}>{policy.name}</Link>
          <span className="folded">
            <br />
            {variantLabels[variant]}
          </span>
        </>
      ),
    },
    ...metricColumns<BoardEntry>(rows, (row) => memoryClass(mark(row).memory)),
    { key: "variant", head: "variant", wide: true, cell: ({ variant }) => variantLabels[variant] },
    { key: "momentum", head: "keeps of the old", cell: (row) => <MomentumChip {...mark(row)} /> },
    { key: "n", head: "seeds", align: "end", cell: ({ n }) => n },
  ];
  return (
    <DataTable
      caption={`${title}: the methods with the highest mean accuracy`}
      columns={columns}
      rows={rows}
      rowKey={({ method }) => method}
    />
  );
}
