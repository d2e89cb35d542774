/** A board with methods: filters and menus, the chart if one is chosen, the table, and how to read it. */
import { LinkedHover } from "@/app/_components/charts/linked-hover";
import { ButtonLink } from "@/app/_components/controls/controls";
import { Menu } from "@/app/_components/controls/menu";
import { Empty } from "@/app/_components/controls/notices";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { DataTable } from "@/app/_components/tables/data-table";
import { count } from "@/app/_components/text/format";
import { parsePolicy } from "@/lib/dmbn/policy";
import type { BoardStanding, BoardView, Facets, SortKey } from "@/lib/leaderboard";
import { changeView } from "@/lib/leaderboard";
import type { BoardPage, boardRows, EntryWithDocument } from "@/lib/server/boards/read";
import type { PublishedResults } from "@/lib/server/scoring/published-results";
import { runShape } from "@/lib/training";
import { exportHref, viewHref } from "../board-addresses";
import { BoardChart } from "../board-charts";
import { boardTableColumns, rowKey } from "../board-columns";
import { BoardModes, ChartMenu, ExportMenu } from "../board-controls";
import { ActiveFilters, BoardFilters, ChartLegend } from "../board-filters";
import { SavedViews } from "../saved-views";
import { BoardNotes } from "./board-notes";
import { ResolutionLine } from "./resolution-line";

interface BoardBodyProps {
  path: string;
  view: BoardView;
  board: BoardPage;
  /** The HTML that shows the board within another page. */
  embed: string;
  recorded: { have: number; of: number } | null;
  published: PublishedResults | null;
  facets: Facets;
  /** The rows of the chart; null without a chart. */
  drawn: Awaited<ReturnType<typeof boardRows>>;
}

export function BoardBody({ path, view, board, embed, recorded, published, facets, drawn }: BoardBodyProps) {
  const { benchmark, of, resolution } = board;
  const run = runShape(benchmark.recipe);
  const marked = (rows: readonly EntryWithDocument[]) =>
    rows.map((row) => ({ ...row, badge: memoryBadge(parsePolicy(row.document), run) }));
  const [rows, pinned] = [marked(board.rows), marked(board.pinned)];
  const pinHref = (key: string) =>
    viewHref(path, {
      ...view,
      pin: view.pin.includes(key) ? view.pin.filter((pinned) => pinned !== key) : [...view.pin, key],
    });
  const shown = board.found + pinned.length;
  const columns = boardTableColumns([...pinned, ...rows], view, pinHref);
  return (
    <>
      <div className="board-bar">
        <BoardFilters path={path} view={view} facets={facets} />
        <ChartMenu path={path} view={view} />
        <ExportMenu slug={benchmark.slug} version={benchmark.version} view={view} rows={shown} embed={embed} />
        <Menu label="View">
          <BoardModes path={path} view={view} />
          <SavedViews href={viewHref(path, view)} />
        </Menu>
      </div>
      {resolution && (
        <ResolutionLine resolution={resolution} division={view.division} recorded={recorded} published={published} />
      )}
      <ActiveFilters path={path} view={view} shown={shown} of={of} />
      {view.chart && drawn && (
        <div>
          <ChartLegend path={path} view={view} facets={facets} />
          <BoardChart
            chart={view.chart}
            rows={marked(drawn.rows)}
            cut={drawn.cut}
            file={exportHref(benchmark.slug, benchmark.version, view, "csv")}
          />
          <LinkedHover />
        </div>
      )}
      <div className="board-table">
        <DataTable
          caption={
            `${benchmark.title}, version ${benchmark.version}: ` +
            (view.seeds === "each" ? "every seed of every method" : "methods with mean ± half the 95 % interval")
          }
          columns={columns}
          rows={rows}
          pinned={pinned}
          rowKey={rowKey}
          nameColumn="method"
          className={view.density}
          section={
            isGrouped(view) && resolution?.pairs
              ? ({ standing }) => (standing ? sectionTitles[standing] : "not ranked yet")
              : undefined
          }
          ordered
          linked={view.chart !== undefined}
          sorting={{
            sort: view.sort && view.direction ? { key: view.sort, direction: view.direction } : null,
            href: (sort) =>
              viewHref(path, changeView(view, { sort: sort?.key as SortKey | undefined, direction: sort?.direction })),
          }}
        />
        {rows.length + pinned.length === 0 && (
          <Empty title="No method matches" actions={<ButtonLink href={path}>Show all {count(of)}</ButtonLink>}>
            Search fewer words, or take a filter away above.
          </Empty>
        )}
      </div>
      <BoardNotes path={path} view={view} board={board} />
    </>
  );
}

const sectionTitles: Record<BoardStanding, string> = {
  best: "among the best",
  untold: "not told apart",
  behind: "behind",
};

/** Whether methods come in the order of their ranks. */
const isGrouped = ({ seeds, sort, direction }: BoardView): boolean =>
  seeds === "together" && (sort === undefined || (sort === "rank" && direction === "ascending"));
