/** A policy and where it stands, for a frame on a page of another site. */
import { memoryClass } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { divisionLabels } from "@/app/_components/text/division";
import { count, plural } from "@/app/_components/text/format";
import { parsePolicy } from "@/lib/dmbn/policy";
import { bandInWords, embedView, formatBand, variantLabels } from "@/lib/leaderboard";
import type { Standing } from "@/lib/server/boards/standings";
import type { PolicyDetail } from "@/lib/server/policies/read";
import { policy as findPolicy } from "@/lib/server/policies/read";
import { runShape } from "@/lib/training";
import { accuracyColumns } from "../../columns";
import { frame, missingFrame, Out } from "../../frame";

export const dynamic = "force-dynamic";

export async function GET(request: Request, { params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  const { theme, rows } = embedView.read(Object.fromEntries(new URL(request.url).searchParams));
  const details = await findPolicy(slug);
  if (!details)
    return missingFrame(request, { what: "policy", list: { href: "/policies", title: "All policies" }, theme });
  const { name, rule, answer, author, standings, issues } = details;
  const page = `/policies/${encodeURIComponent(details.slug)}`;
  const shown = standings.slice(0, rows).map((standing) => ({ ...standing, accuracy: standing.entry.accuracy }));
  return frame(request, {
    title: name,
    page,
    theme,
    children: (
      <>
        <header>
          <h1>
            <Out href={page}>{name}</Out>
          </h1>
          <p className="about">
            <code>{rule}</code>
            {author && ` by ${author}`}
          </p>
        </header>
        <main>
          {answer && <p>{answer}</p>}
          {issues.length > 0 ? (
            <p>Its document can no longer be read, so it ranks nowhere.</p>
          ) : shown.length > 0 ? (
            <DataTable
              caption={`Where ${name} stands on each board: mean ± half the 95 % interval`}
              columns={columns(shown, details)}
              rows={shown}
              rowKey={({ benchmark, entry }) =>
                `${benchmark.slug}@${benchmark.version}/${entry.division}/${entry.variant}`
              }
            />
          ) : (
            <p>No board has scored it yet.</p>
          )}
        </main>
        <footer>
          <span>{shown.length > 0 && `${count(shown.length)} of ${plural(standings.length, "standing")}`}</span>
          <Out href={page}>The policy on DMBench</Out>
        </footer>
      </>
    ),
  });
}

type Row = Standing & { accuracy: Standing["entry"]["accuracy"] };

const columns = (rows: readonly Row[], { document }: PolicyDetail): Column<Row>[] => [
  {
    key: "benchmark",
    head: "Board",
    cell: ({ benchmark, entry }) => (
      <>
        <Out href={`/leaderboard/${benchmark.slug}${entry.division === "open" ? "?division=open" : ""}`}>
          {benchmark.title}
        </Out>
        {entry.division === "open" && <span className="margin"> {divisionLabels.open}</span>}
        <span className="folded">
          <br />
          {entry.band && `rank ${formatBand(entry.band)} · `}
          {variantLabels[entry.variant]}
        </span>
      </>
    ),
  },
  ...accuracyColumns(rows, ({ benchmark }) =>
    memoryClass(memoryBadge(parsePolicy(document), runShape(benchmark.recipe)).memory),
  ),
  {
    key: "rank",
    head: "rank",
    wide: true,
    cell: ({ entry: { band, standing }, place, of }) => {
      const words = bandInWords(band, standing);
      return words ? (
        <span className="rank">
          {words}
          <span className="margin">{formatBand(band)}</span>
        </span>
      ) : (
        <span className="margin">
          {place} of {of} by mean
        </span>
      );
    },
  },
  { key: "variant", head: "variant", wide: true, cell: ({ entry }) => variantLabels[entry.variant] },
];
