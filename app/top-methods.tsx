/** The methods with the highest means on the board that has the most runs. */
import Link from "next/link";
import { NoRuns } from "@/app/_components/controls/no-runs";
import { memoryClass } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import type { MemoryBadge } from "@/app/_components/momentum/momentum";
import { MemoryLegend, MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { metricColumns } from "@/app/_components/tables/metric-columns";
import { plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { parsePolicy } from "@/lib/dmbn/policy";
import type { BoardEntry } from "@/lib/leaderboard";
import { variantLabels } from "@/lib/leaderboard";
import type { BenchmarkSummary } from "@/lib/server/boards/benchmarks";
import type { BoardPage } from "@/lib/server/boards/read";
import type { PolicySummary } from "@/lib/server/policies/read";
import { runShape } from "@/lib/training";

interface TopMethodsProps {
  /** The board with the most runs; null where there is none. */
  busiest: BenchmarkSummary | null;
  top: BoardPage | null;
  policies: readonly PolicySummary[];
}

export function TopMethods({ busiest, top, policies }: TopMethodsProps) {
  if (!top || !busiest) {
    return (
      <Section id="board" title="Leaderboard">
        <NoRuns />
      </Section>
    );
  }
  const run = runShape(top.benchmark.recipe);
  return (
    <Section
      id="board"
      title={`${top.benchmark.title}: the highest means so far`}
      note={
        <>
          Mean ± half the 95 % interval over seeds. {plural(busiest.methods, "method")}, {basis(busiest)};{" "}
          <Link href={`/leaderboard/${busiest.slug}`}>the whole board</Link>.
        </>
      }
      aside={<MemoryLegend />}
    >
      <TopTable
        rows={top.rows}
        badges={new Map(policies.map(({ slug, document }) => [slug, memoryBadge(parsePolicy(document), run)]))}
        title={top.benchmark.title}
      />
    </Section>
  );
}

const basis = ({ rankedOn, recordedRuns }: BenchmarkSummary): string =>
  rankedOn === "published"
    ? `published with DMBench over ${plural(recordedRuns, "run")} from public seeds`
    : `recomputed by the server on ${plural(recordedRuns, "run")} of its own`;

function TopTable({
  rows,
  badges,
  title,
}: {
  rows: readonly BoardEntry[];
  badges: ReadonlyMap<string, MemoryBadge>;
  title: string;
}) {
  const badge = ({ policy }: BoardEntry): MemoryBadge =>
    badges.get(policy.slug) ?? { memory: null, label: policy.rule };
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
    ...metricColumns<BoardEntry>(rows, (row) => memoryClass(badge(row).memory)),
    { key: "variant", head: "variant", wide: true, cell: ({ variant }) => variantLabels[variant] },
    { key: "momentum", head: "keeps of the old", cell: (row) => <MomentumChip {...badge(row)} /> },
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
