/** The first rows of a board, for a frame on a page of another site. */
import { memoryClass } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import type { MemoryBadge } from "@/app/_components/momentum/momentum";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { divisionLabels } from "@/app/_components/text/division";
import { count, date, plural } from "@/app/_components/text/format";
import { parsePolicy } from "@/lib/dmbn/policy";
import { embedView, formatBand, variantLabels } from "@/lib/leaderboard";
import type { EntryWithDocument } from "@/lib/server/boards/read";
import { boardPage } from "@/lib/server/boards/read";
import { runShape } from "@/lib/training";
import { accuracyColumns } from "../../columns";
import { frame, missingFrame, Out } from "../../frame";

export const dynamic = "force-dynamic";

export async function GET(request: Request, { params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  const {
    theme,
    rows: take,
    division,
    version,
  } = embedView.read(Object.fromEntries(new URL(request.url).searchParams));
  const board = await boardPage(slug, { division, version }, { take });
  if (!board)
    return missingFrame(request, { what: "board", list: { href: "/leaderboard", title: "All boards" }, theme });
  const { benchmark, of } = board;
  const run = runShape(benchmark.recipe);
  const rows = board.rows.map((row) => ({ ...row, badge: memoryBadge(parsePolicy(row.document), run) }));
  const page = embedView.href(`/leaderboard/${benchmark.slug}`, { division, version });
  const latest = rows.map(({ updatedAt }) => updatedAt).sort((a, b) => b.getTime() - a.getTime())[0];
  return frame(request, {
    title: `${benchmark.title}: leaderboard`,
    page,
    theme,
    children: (
      <>
        <header>
          <h1>
            <Out href={page}>{benchmark.title}</Out>
          </h1>
          <p className="about">{benchmark.summary}</p>
        </header>
        <main>
          {rows.length > 0 ? (
            <DataTable
              caption={`${benchmark.title}, version ${benchmark.version}: methods with mean ± half the 95 % interval`}
              columns={columns(rows)}
              rows={rows}
              rowKey={({ method }) => method}
              nameColumn="method"
              ordered
            />
          ) : (
            <p>No method stands here yet. The board’s own page says what it waits for.</p>
          )}
        </main>
        <footer>
          <span>
            {rows.length > 0
              ? `${count(rows.length)} of ${plural(of, "method")}, ${divisionLabels[division]}` +
                `${latest ? `, last changed ${date(latest)}` : ""}`
              : divisionLabels[division]}
          </span>
          <Out href={page}>The whole board on DMBench</Out>
        </footer>
      </>
    ),
  });
}

type Row = EntryWithDocument & { badge: MemoryBadge };

const columns = (rows: readonly Row[]): Column<Row>[] => [
  {
    key: "rank",
    head: "rank",
    wide: true,
    cell: ({ band }) => formatBand(band) ?? <Missing why="not ranked" />,
  },
  {
    key: "method",
    head: "Method",
    cell: ({ policy, variant, band }) => (
      <>
        <Out href={`/policies/${policy.slug}`}>{policy.name}</Out>
        {policy.author && <span className="margin"> by {policy.author}</span>}
        <span className="folded">
          <br />
          {band && `rank ${formatBand(band)} · `}
          {variantLabels[variant]}
        </span>
      </>
    ),
  },
  ...accuracyColumns(rows, ({ badge }) => memoryClass(badge.memory)),
  { key: "variant", head: "variant", wide: true, cell: ({ variant }) => variantLabels[variant] },
  { key: "momentum", head: "keeps of the old", wide: true, cell: ({ badge }) => <MomentumChip {...badge} /> },
];
