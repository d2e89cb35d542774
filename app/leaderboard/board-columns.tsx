/** The columns that a board can show. */
import Link from "next/link";
import { Tip } from "@/app/_components/controls/tip";
import { estimatorGuide } from "@/app/_components/momentum/estimators";
import { memoryClass } from "@/app/_components/momentum/memory";
import type { MemoryBadge } from "@/app/_components/momentum/momentum";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { Column } from "@/app/_components/tables/data-table";
import { Missing } from "@/app/_components/tables/data-table";
import { metricColumns } from "@/app/_components/tables/metric-columns";
import { TierTip, tierLabel } from "@/app/_components/tables/tier-label";
import { count, date, percent, plural } from "@/app/_components/text/format";
import { fewestSeeds } from "@/lib/evaluation";
import type { BoardColumn, BoardView, PolicyName, SortKey } from "@/lib/leaderboard";
import {
  bandInWords,
  baselines,
  columnsOf,
  firstDirection,
  formatBand,
  sortKeys,
  variantLabels,
} from "@/lib/leaderboard";
import type { EntryWithDocument } from "@/lib/server/boards/read";
import { deviceLabels, kindLabels } from "./labels";

export type BoardRow = EntryWithDocument & { badge: MemoryBadge };

/** A row's id in `pin`, `after` and `before`. */
export const rowKey = ({ method, seed }: Pick<BoardRow, "method" | "seed">): string =>
  seed === null ? method : `${method}@${seed}`;

/**
 * The name column and the columns that `view` selects.
 * @param pinHref the view with this row pinned, or unpinned
 */
export function boardTableColumns(
  rows: readonly BoardRow[],
  view: BoardView,
  pinHref: (key: string) => string,
): Column<BoardRow>[] {
  const selected = columnsOf(view).filter((column) => column !== "n" || view.columns || !haveEqualRuns(rows));
  const available: Column<BoardRow>[] = [
    rank,
    ...metricColumns<BoardRow>(
      rows,
      ({ badge }) => memoryClass(badge.memory),
      ({ division }) => division === "open",
    ),
    variant,
    momentum,
    kind,
    author,
    device,
    gap,
    seeds,
    tier,
    first,
  ];
  const [before, after] = [
    available.filter(({ key }) => key === "rank"),
    available.filter(({ key }) => key !== "rank"),
  ].map((columns) => columns.filter(({ key }) => selected.includes(key as BoardColumn)));
  const pin: Column<BoardRow> = {
    key: "pin",
    head: <span className="sr-only">pinned</span>,
    cell: (row) => (
      <Link href={pinHref(rowKey(row))} className="pin" scroll={false} prefetch={false} rel="nofollow">
        {view.pin.includes(rowKey(row)) ? "unpin" : "pin"}
        <span className="sr-only"> {row.policy.name}</span>
      </Link>
    ),
  };
  return [...(view.seeds === "each" ? [] : [tick]), ...before!, name(view), ...after!, pin].map((column) => {
    const { value: _value, ...unsorted } = column;
    return isSortKey(column.key) ? { ...unsorted, value: () => null, first: firstDirection(column.key) } : unsorted;
  });
}

/** The line above the table says how many. */
const haveEqualRuns = (rows: readonly BoardRow[]): boolean =>
  rows.every(({ division, n }) => division === "closed" && n === rows[0]!.n);

const isSortKey = (key: string): key is SortKey => (sortKeys as readonly string[]).includes(key);

/** Id of the form that the rows' checkboxes belong to. */
export const compareForm = "compare";

const tick: Column<BoardRow> = {
  key: "tick",
  head: <span className="sr-only">compare</span>,
  cell: ({ method, policy, variant }) => (
    <input
      type="checkbox"
      name="methods"
      value={method}
      form={compareForm}
      aria-label={`Compare ${policy.name}, ${variantLabels[variant]}`}
      className="tick"
    />
  ),
};

const rank: Column<BoardRow> = {
  key: "rank",
  head: "rank",
  wide: true,
  tip: (
    <Tip about="ranks">
      <p>
        The ranks that a method may hold, judging by all pairs at once: with 95 % confidence every difference of the
        board lies in its interval, for other seeds and other test images.
      </p>
      <p>Below {fewestSeeds} runs such intervals are too narrow, so there are no ranks.</p>
    </Tip>
  ),
  cell: ({ band, standing }) => {
    const words = bandInWords(band, standing);
    if (!words) return <Missing why="not ranked" />;
    return (
      <span className="rank">
        {words}
        <span className="margin">{formatBand(band)}</span>
      </span>
    );
  },
};

function name({ seeds, division }: BoardView): Column<BoardRow> {
  return {
    key: "method",
    head: seeds === "each" ? "Method and seed" : "Method",
    cell: ({ method, policy, variant, band, standing, sameAs, standsFor, tries, seed }) => (
      <>
        <PolicyLink {...policy} />
        {baselines.includes(method) && <span className="margin font-normal"> baseline</span>}
        {policy.author && (
          <span className="margin font-normal">
            {" "}
            by {policy.author}
            {tries !== null && tries > 1 && `, ${count(tries)} policies tried`}
          </span>
        )}
        {seed !== null && (
          <span className="margin font-normal"> {division === "closed" ? `run ${seed}` : `seed ${seed}`}</span>
        )}
        {(sameAs || standsFor.count > 0) && (
          <span className="same">
            <br />
            same predictions as <PolicyLink {...(sameAs ?? standsFor.first[0]!)} />
            {standsFor.count > 1 && ` and ${count(standsFor.count - 1)} more`}
          </span>
        )}
        <span className="folded">
          <br />
          {[bandInWords(band, standing), variantLabels[variant]].filter(Boolean).join(" · ")}
        </span>
      </>
    ),
  };
}

function PolicyLink({ slug, name }: PolicyName) {
  return (
    <Link href={`/policies/${slug}`} prefetch={false}>
      {name}
    </Link>
  );
}

const variant: Column<BoardRow> = {
  key: "variant",
  head: "variant",
  wide: true,
  cell: ({ variant }) => variantLabels[variant],
};

const momentum: Column<BoardRow> = {
  key: "momentum",
  head: "keeps of the old",
  cell: ({ badge }) => <MomentumChip {...badge} />,
  tip: (
    <Tip about="momentum">
      <p>
        β, the share of the old average that each batch leaves: <em>keeps 0.9</em> is <em>momentum 0.1</em> in PyTorch.
      </p>
      <p>
        Behind it the variance that is averaged, where it is not the unbiased one. <em>biased</em>:{" "}
        {estimatorGuide.biased} <em>total</em>: {estimatorGuide.total} At batch 4 this matters more than β.
      </p>
    </Tip>
  ),
};

const kind: Column<BoardRow> = {
  key: "kind",
  head: "kind",
  cell: ({ policy }) => kindLabels[policy.kind] ?? policy.kind,
};

const author: Column<BoardRow> = {
  key: "author",
  head: "author",
  cell: ({ policy }) =>
    policy.builtIn ? (
      <span className="margin">built in</span>
    ) : policy.author ? (
      <Link href={`/u/${encodeURIComponent(policy.author)}`} prefetch={false}>
        {policy.author}
      </Link>
    ) : (
      <span className="missing">deleted account</span>
    ),
};

const device: Column<BoardRow> = {
  key: "device",
  head: "trained on",
  cell: ({ devices }) =>
    devices.length > 0 ? (
      devices.map((device) => deviceLabels[device]).join(", ")
    ) : (
      <span className="margin">the server</span>
    ),
};

/** The gap to the highest mean, over the runs that the board ranks on. */
const gap: Column<BoardRow> = {
  key: "gap",
  head: "behind, points",
  align: "end",
  cell: ({ gap }) =>
    gap ? (
      <>
        {percent(gap.mean, 2)}
        {gap.low !== null && gap.high !== null && (
          <span className="margin"> ± {percent((gap.high - gap.low) / 2, 2)}</span>
        )}
      </>
    ) : (
      <Missing why="it is the first, or not ranked" />
    ),
};

const seeds: Column<BoardRow> = {
  key: "n",
  head: "seeds",
  align: "end",
  cell: ({ n, runs }) => <span title={`${count(runs)} runs`}>{count(n)}</span>,
};

const tier: Column<BoardRow> = {
  key: "tier",
  head: "tier",
  cell: ({ tier, n, reproduced }) => (
    <span className="wraps">
      {tierLabel(tier)}
      {reproduced > 0 && (
        <span className="block" title={`${count(reproduced)} of ${plural(n, "seed")}`}>
          {count(reproduced)} reproduced
        </span>
      )}
    </span>
  ),
  tip: <TierTip />,
};

const first: Column<BoardRow> = {
  key: "first",
  head: "first scored",
  cell: ({ firstAt }) => <time dateTime={firstAt.toISOString()}>{date(firstAt)}</time>,
};
