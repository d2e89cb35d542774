/** The board over all boards: each method's regret on every board, in the order and with the boards of the URL. */
import Link from "next/link";
import { HeatLegend, HeatStrip } from "@/app/_components/charts/heat-strip";
import { ButtonLink } from "@/app/_components/controls/controls";
import { Tip } from "@/app/_components/controls/tip";
import { memoryClass } from "@/app/_components/momentum/memory";
import type { MemoryBadge } from "@/app/_components/momentum/momentum";
import { badgeText, MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { IntervalMark, intervalScale, MeanAndMargin, scaleLabel } from "@/app/_components/tables/interval";
import { percent, plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import type { OverBoardsSort, OverBoardsView } from "@/lib/leaderboard";
import {
  baselines,
  firstOverBoardsDirection,
  overBoardsApiHref,
  overBoardsHref,
  variantLabels,
} from "@/lib/leaderboard";
import type { OverBoardsRow, OverBoardsTable } from "@/lib/server/boards/over-boards";
import { OverBoardsControls } from "./over-boards-controls";

export type Row = OverBoardsRow & { badge: MemoryBadge };

/** Rows before "Show all". */
const FIRST_ROWS = 25;

interface OverBoardsProps {
  view: OverBoardsView;
  table: OverBoardsTable;
  /** The methods in the order of the view. */
  rows: readonly Row[];
  /** Every board that could be chosen. */
  choices: readonly { slug: string; title: string; methods: number }[];
}

export function OverBoards({ view, table: { boards, of }, rows, choices }: OverBoardsProps) {
  const shown = view.rows === "all" ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <Section
      id="over-boards"
      title={finding(view, rows, boards.length)}
      note={
        <>
          {plural(of, "method")} on {plural(boards.length, "board")}, {basis(boards)}; of those that answer alike
          everywhere, one. Regret: the best method&rsquo;s mean accuracy on a board less this one&rsquo;s, in points;{" "}
          <Link href="/docs/method#over-boards">how to read it</Link>.
        </>
      }
      aside={<HeatLegend title="Points of accuracy behind the best of a board" />}
    >
      <OverBoardsControls view={view} choices={choices} />
      <DataTable
        caption="Methods over all boards, with their regret on each"
        columns={columnsOf(
          boards.map(({ title }) => title),
          shown,
        )}
        rows={shown}
        rowKey={({ method }) => method}
        ordered
        sorting={{
          sort: { key: view.sort, direction: view.direction ?? firstOverBoardsDirection(view.sort) },
          href: (sort) => {
            const key = (sort?.key ?? "mean") as OverBoardsSort;
            const isFirst = !sort || sort.direction === firstOverBoardsDirection(key);
            return overBoardsHref(view, { sort: key, direction: isFirst ? undefined : sort.direction });
          },
        }}
      />
      <p className="mt-3 flex flex-wrap items-center gap-3">
        {rows.length > FIRST_ROWS && (
          <ButtonLink href={overBoardsHref(view, { rows: view.rows === "all" ? "first" : "all" })} scroll={false}>
            {view.rows === "all" ? `Show the first ${FIRST_ROWS}` : `Show all ${rows.length}`}
          </ButtonLink>
        )}
        <a href={overBoardsApiHref(view, "csv")} download>
          CSV
        </a>
        <a href={overBoardsApiHref(view)}>JSON</a>
        <Link href="/leaderboard/overview">Every policy as a line over the boards</Link>
        {rows.length < of && (
          <span className="note">
            {rows.length} of {of} methods: the first of each board, built-in ones, and those with the least regret.
          </span>
        )}
      </p>
    </Section>
  );
}

/** Where the boards' figures come from. */
function basis(boards: OverBoardsTable["boards"]): string {
  const published = boards.filter(({ rankedOn }) => rankedOn === "published").length;
  if (published === 0) return "recomputed by the server";
  return published === boards.length ? "published with DMBench" : "recomputed by the server or published with DMBench";
}

/** Who comes first in the order of the view, in a sentence. */
function finding({ sort, direction }: OverBoardsView, rows: readonly Row[], boards: number): string {
  const [first] = rows;
  if (!first || first.mean === null || first.worst === null) return "No board has a method yet";
  if (sort === "method" || direction === "descending") return "Every method over all boards";
  if (boards === 1) return `${nameOf(first)} has the highest mean on the only board`;
  if (first.worst === 0 && !first.regrets.includes(null))
    return `${nameOf(first)} has the highest mean on each of ${plural(boards, "board")}`;
  const where = `on ${plural(boards, "board")}`;
  switch (sort) {
    case "mean":
      return `Closest to the best: ${nameOf(first)}, ${percent(first.mean, 2)} points behind on average ${where}`;
    case "worst":
      return `Safest everywhere: ${nameOf(first)}, at most ${percent(first.worst, 2)} points behind ${where}`;
    case "iqm":
      return `Highest interquartile mean: ${nameOf(first)} ${where}`;
  }
}

export const nameOf = ({ policy, variant }: Pick<Row, "policy" | "variant">): string =>
  variant === "bn" ? policy.name : `${policy.name}, ${variantLabels[variant]}`;

function columnsOf(titles: readonly string[], rows: readonly Row[]): Column<Row>[] {
  const scale = intervalScale(rows.flatMap(({ iqm }) => iqm ?? []));
  return [
    {
      key: "method",
      head: "Method",
      value: () => null,
      first: "ascending",
      cell: ({ policy, variant, method, badge, mean }) => (
        <>
          <Link href={`/policies/${policy.slug}`} prefetch={false}>
            {policy.name}
          </Link>
          {baselines.includes(method) && <span className="margin font-normal"> baseline</span>}
          <span className="folded">
            <br />
            {variantLabels[variant]}
            {mean !== null && ` · ${badgeText(badge)}`}
          </span>
        </>
      ),
    },
    {
      key: "regrets",
      head: "on each board",
      group: "regret, points: less is better",
      tip: (
        <Tip about="the boards">
          <p>From left to right, as in the list below:</p>
          <ol className="list-decimal ps-4">
            {titles.map((title) => (
              <li key={title}>{title}</li>
            ))}
          </ol>
        </Tip>
      ),
      cell: ({ regrets }) => (
        <HeatStrip cells={titles.map((name, index) => ({ name, loss: regrets[index] ?? null }))} />
      ),
    },
    {
      key: "mean",
      head: "mean",
      group: "regret, points: less is better",
      align: "end",
      value: () => null,
      first: "ascending",
      cell: ({ mean, regrets }) => (mean === null ? <Missing /> : <Points value={mean} regrets={regrets} />),
    },
    {
      key: "worst",
      head: "worst",
      group: "regret, points: less is better",
      align: "end",
      value: () => null,
      first: "ascending",
      tip: (
        <Tip about="the worst regret">
          <p>The board where it is farthest from the best. A small one is safe everywhere.</p>
        </Tip>
      ),
      cell: ({ worst, regrets }) => (worst === null ? <Missing /> : <Points value={worst} regrets={regrets} />),
    },
    {
      key: "iqm",
      head: "interquartile mean",
      group: "accuracy, %: more is better",
      align: "end",
      value: () => null,
      first: "descending",
      tip: (
        <Tip about="the interquartile mean">
          <p>
            Mean of the middle half of all accuracies over boards and runs, each board with the same weight: a board
            where everything fails, or nothing does, moves it little. ± half the 95 % interval of a bootstrap that draws
            runs anew within each board.
          </p>
          <p>Only for methods on every board.</p>
        </Tip>
      ),
      cell: ({ iqm }) => (iqm ? <MeanAndMargin {...iqm} /> : <Missing why="not on every board" />),
    },
    ...(scale
      ? [
          {
            key: "interval",
            head: scaleLabel(scale),
            group: "accuracy, %: more is better",
            cell: ({ iqm, badge }: Row) =>
              iqm && <IntervalMark {...iqm} scale={scale} memory={memoryClass(badge.memory)} />,
          },
        ]
      : []),
    { key: "variant", head: "variant", wide: true, cell: ({ variant }) => variantLabels[variant] },
    { key: "momentum", head: "keeps of the old", wide: true, cell: ({ badge }) => <MomentumChip {...badge} /> },
  ];
}

function Points({ value, regrets }: { value: number; regrets: readonly (number | null)[] }) {
  const scored = regrets.filter((regret) => regret !== null).length;
  return (
    <>
      {percent(value, 2)}
      {scored < regrets.length && <span className="margin"> on {scored}</span>}
    </>
  );
}
