/** The gallery: every momentum policy with its rule and the curve of its memory. */
import type { Metadata } from "next";
import Link from "next/link";
import { DataTable, type Column } from "../_components/data-table";
import { count } from "../_components/format";
import { MemoryLegend, MomentumChip } from "../_components/momentum";
import { MomentumSparkline } from "../_components/momentum-curve";
import { policyCurve, policyMark } from "../_components/policy-mark";
import { Rule } from "../_components/rule";
import { runShape } from "../_components/run-shape";
import { readSort, sortHref } from "../_components/sort";
import { parsePolicy } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import { listPolicies, type PolicySummary } from "@/lib/server/queries/policies";

export const metadata: Metadata = {
  title: "Policies",
  description: "Momentum policies for batch normalization: published defaults, schedules, DMBN and PreciseBN, each with its rule, source and curve.",
};

export const dynamic = "force-dynamic";

/** Curves are drawn for the run of this benchmark. */
const reference = benchmarks.find(({ slug }) => slug === "fashion-mnist-mlp")!;
const run = runShape(reference.recipe);

export default async function PoliciesPage({ searchParams }: PageProps<"/policies">) {
  const params = await searchParams;
  const policies = (await listPolicies()).map((summary) => {
    const policy = parsePolicy(summary.document);
    return { ...summary, mark: policyMark(policy, run), curve: policyCurve(policy, run) };
  });
  const sort = readSort(params, ["policy", "memory"]);
  return (
    <>
      <h1>Momentum policies</h1>
      <p className="lede">
        A policy says how a batch-norm layer keeps its running mean and variance. None of them changes the weights, so one training run scores them all.
      </p>
      <div className="mt-4 flex flex-wrap items-end justify-between gap-3">
        <MemoryLegend />
        <p className="note">
          {policies.length} policies. Curves: window 1/(1 − β) on a log axis, 1 to 10,000 batches, over the {count(run.steps)} steps of {reference.title}.
        </p>
      </div>
      <div className="mt-3">
        <DataTable
          caption="Momentum policies with rule, memory and source"
          columns={columns}
          rows={policies}
          rowKey={({ slug }) => slug}
          sorting={{ sort, href: (next) => sortHref("/policies", params, next) }}
        />
      </div>
    </>
  );
}

type Row = PolicySummary & { mark: ReturnType<typeof policyMark>; curve: ReturnType<typeof policyCurve> };

const columns: readonly Column<Row>[] = [
  {
    key: "policy",
    head: "Policy",
    first: "ascending",
    value: ({ name }) => name,
    cell: ({ slug, name }) => <Link href={`/policies/${slug}`}>{name}</Link>,
  },
  {
    key: "memory",
    head: "keeps of the old average",
    first: "ascending",
    value: ({ mark }) => (mark.memory === "cumulative" ? 1 : mark.memory),
    cell: ({ mark }) => <MomentumChip {...mark} />,
  },
  {
    key: "curve",
    head: "over the run",
    cell: ({ name, curve }) => (curve ? <MomentumSparkline {...curve} name={name} /> : <span className="text-ink-3">after the run</span>),
  },
  {
    key: "rule",
    head: "rule",
    cell: ({ rule }) => (
      <span className="rule">
        <Rule>{rule}</Rule>
      </span>
    ),
  },
  {
    key: "source",
    head: "source",
    wide: true,
    cell: ({ source, author }) => <span className="text-ink-3 source">{author ? <Link href={`/u/${encodeURIComponent(author)}`}>{author}</Link> : source?.title}</span>,
  },
];
