/** Tables that methods and runs share: what is compared, who differs, settings, layers, classes, McNemar's tests. */
import Link from "next/link";
import type { ReactNode } from "react";
import { SegmentLinks } from "@/app/_components/controls/controls";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { count, percent, significant } from "@/app/_components/text/format";
import { metricGuide } from "@/app/_components/text/metric-guide";
import type { CompareView } from "@/lib/leaderboard";
import { classRates, compareHref } from "@/lib/leaderboard";
import type { Pair } from "@/lib/server/boards/pairs";
import type { ClassFigures } from "@/lib/server/boards/per-class";
import { DifferenceMark, reachOf } from "./difference-mark";
import type { Setting } from "./settings";
import { rowsOf } from "./settings";
import { verdictWords } from "./words";

/** A method or a run as it is called on this page. */
export interface Compared {
  /** `variant/policy slug`, or a run's id. */
  key: string;
  name: string;
  href: string;
}

/** "A", "B" …: short where many columns stand side by side. */
export const letter = (index: number): string => "ABCD"[index]!;

/** Dashes tell lines apart; colour says memory and nothing else. */
export const dashes = [undefined, "6 4", "2 3", "10 4 2 4"];

export function ComparedList({
  compared,
  without,
}: {
  compared: readonly Compared[];
  without: (key: string) => string;
}) {
  return (
    <ul className="compared mt-4" aria-label="Compared here">
      {compared.map(({ key, name, href }, index) => (
        <li key={key}>
          <span className="text-ink-3">{letter(index)}</span> <Link href={href}>{name}</Link>
          {compared.length > 2 && (
            <>
              {" "}
              <Link href={without(key)} scroll={false} className="text-head" aria-label={`Leave out ${name}`}>
                leave out
              </Link>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

interface PairsTableProps {
  pairs: readonly Pair[];
  compared: readonly Compared[];
  tieMargin: number;
  /** What pairs are over, as a column's head: "held-out runs". */
  unit: string;
}

export function PairsTable({ pairs, compared, tieMargin, unit }: PairsTableProps) {
  const estimate = ({ difference }: Pair) =>
    difference && {
      mean: difference.mean,
      low: difference.interval?.low ?? null,
      high: difference.interval?.high ?? null,
    };
  const reach = reachOf(
    pairs.map(estimate).filter((one) => one !== null),
    tieMargin,
  );
  const columns: Column<Pair>[] = [
    { key: "pair", head: "Pair", cell: ({ a, b }) => `${nameIn(compared, a)} − ${nameIn(compared, b)}` },
    {
      key: "difference",
      head: "difference, points",
      align: "end",
      cell: ({ difference }) =>
        difference ? (
          <>
            {signed(difference.mean, 2)}
            {difference.interval && (
              <span className="margin"> ± {percent((difference.interval.high - difference.interval.low) / 2, 2)}</span>
            )}
          </>
        ) : (
          <Missing why="they share no seed" />
        ),
    },
    {
      key: "interval",
      head: `−${percent(reach)} to ${percent(reach)}`,
      cell: (pair) => {
        const drawn = estimate(pair);
        return drawn && <DifferenceMark {...drawn} reach={reach} tieMargin={tieMargin} />;
      },
    },
    { key: "answer", head: "says", cell: ({ verdict }) => verdictWords[verdict] },
    {
      key: "p",
      head: pairs.length > 1 ? "p, after Holm" : "p",
      align: "end",
      cell: ({ pValue }) => (pValue === null ? <Missing why="too few" /> : significant(pValue, 2)),
    },
    { key: "n", head: unit, align: "end", cell: ({ points }) => count(points.length) },
    {
      key: "needed",
      head: "would settle it",
      align: "end",
      cell: ({ seedsNeeded, points }) =>
        seedsNeeded === null ? (
          points.length > 1 ? (
            "over 10,000"
          ) : (
            <Missing why="too few to tell" />
          )
        ) : (
          count(seedsNeeded)
        ),
    },
    {
      key: "mcnemar",
      head: "McNemar p < 0.05",
      align: "end",
      cell: ({ mcnemar }) =>
        mcnemar.length === 0 ? (
          <Missing why="no predictions to compare" />
        ) : (
          `${mcnemar.filter(({ adjusted }) => adjusted < 0.05).length} of ${mcnemar.length}`
        ),
    },
  ];
  return (
    <DataTable
      caption="Paired differences of accuracy with their 95 % intervals"
      columns={columns}
      rows={pairs}
      rowKey={({ a, b }) => `${a} ${b}`}
    />
  );
}

/** Every test, example against example; one row for each pair and run. */
export function McNemarTable({
  pairs,
  compared,
  seedHead,
  seedWords,
}: {
  pairs: readonly Pair[];
  compared: readonly Compared[];
  seedHead: string;
  seedWords: (seed: string) => string;
}) {
  const rows = pairs.flatMap(({ a, b, mcnemar }) => mcnemar.map((test) => ({ ...test, a, b })));
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    {
      key: "pair",
      head: "Pair",
      cell: ({ a, b, seed }) => (
        <>
          {nameIn(compared, a)}, {nameIn(compared, b)}
          <span className="folded"> {seedWords(seed)}</span>
        </>
      ),
    },
    { key: "seed", head: seedHead, wide: true, cell: ({ seed }) => seedWords(seed) },
    { key: "onlyA", head: "only the first right", align: "end", cell: ({ onlyARight }) => count(onlyARight) },
    { key: "onlyB", head: "only the second right", align: "end", cell: ({ onlyBRight }) => count(onlyBRight) },
    { key: "p", head: "p", align: "end", cell: ({ pValue }) => significant(pValue, 2) },
    ...(rows.length > 1
      ? [
          {
            key: "adjusted",
            head: "p, after Holm",
            align: "end",
            cell: ({ adjusted }) => significant(adjusted, 2),
          } satisfies Column<Row>,
        ]
      : []),
  ];
  return (
    <DataTable
      caption="McNemar's exact test on the test examples"
      columns={columns}
      rows={rows}
      rowKey={({ a, b, seed }) => `${a} ${b} ${seed}`}
    />
  );
}

interface SettingsTableProps {
  view: CompareView;
  compared: readonly Compared[];
  settings: Parameters<typeof rowsOf>[0];
}

export function SettingsTable({ view, compared, settings }: SettingsTableProps) {
  const all = rowsOf(settings);
  const differing = all.filter(({ differs }) => differs);
  const rows = view.everything ? all : differing;
  const columns: Column<Setting>[] = [
    { key: "name", head: "Setting", cell: ({ name }) => name },
    ...compared.map(
      ({ key, name }, index): Column<Setting> => ({
        key,
        head: <Short index={index} name={name} />,
        cell: ({ values }) => (values[index] === null ? <Missing why="no such setting" /> : values[index]),
      }),
    ),
  ];
  return (
    <>
      <SegmentLinks
        label="Settings shown"
        options={[
          {
            href: compareHref(view, { everything: false }),
            label: `Only what differs ${count(differing.length)}`,
            current: !view.everything,
          },
          {
            href: compareHref(view, { everything: true }),
            label: `Everything ${count(all.length)}`,
            current: view.everything,
          },
        ]}
      />
      <div className="mt-3">
        {rows.length > 0 ? (
          <DataTable
            caption="Settings side by side"
            columns={columns}
            rows={rows}
            rowKey={({ name }) => name}
            className="settings"
          />
        ) : (
          <p className="text-ink-2">They agree in every setting.</p>
        )}
      </div>
    </>
  );
}

interface ClassesTableProps {
  view: CompareView;
  compared: readonly Compared[];
  /** In the order of `compared`. */
  classes: readonly (readonly ClassFigures[])[];
  caption: string;
}

/** Each class against the rest; differences from the first. */
export function ClassesTable({ view, compared, classes, caption }: ClassesTableProps) {
  const rows = (classes[0] ?? []).map(({ name }, id) => ({
    name,
    figures: classes.map((own) => own[id]!.figures[view.rate]),
  }));
  type Row = (typeof rows)[number];
  const [first] = compared;
  const columns: Column<Row>[] = [
    { key: "class", head: "True class", cell: ({ name }) => name },
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key,
        head: <Short index={index} name={name} />,
        group: `${view.rate === "fScore" ? "F-score" : view.rate}, %`,
        align: "end",
        cell: ({ figures }) => percent(figures[index]!.mean),
      }),
    ),
    ...compared.slice(1).map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} difference`,
        head: <Short index={index + 1} name={name} />,
        group: `less ${first!.name}, points`,
        align: "end",
        cell: ({ figures }) => {
          const { difference } = figures[index + 1]!;
          if (!difference) return <Missing why="they share no seed" />;
          const { mean, low, high } = difference;
          return (
            <>
              {signed(mean)}
              {low !== null && high !== null && <span className="margin"> ± {percent((high - low) / 2)}</span>}
            </>
          );
        },
      }),
    ),
  ];
  return (
    <>
      <SegmentLinks
        label="Classes compared by"
        options={classRates.map((rate) => ({
          href: compareHref(view, { rate }),
          label: rate === "precision" ? "Precision" : metricGuide[rate].name,
          current: rate === view.rate,
        }))}
      />
      <div className="mt-3">
        <DataTable caption={caption} columns={columns} rows={rows} rowKey={({ name }) => name} />
      </div>
    </>
  );
}

/** A column's head: the letter and the name. */
export function Short({ index, name }: { index: number; name: string }): ReactNode {
  return (
    <>
      <span className="text-ink-3">{letter(index)}</span> {name}
    </>
  );
}

export const nameIn = (compared: readonly Compared[], key: string): string =>
  compared.find((one) => one.key === key)!.name;

/** "+1.2" or "−0.4": which way a difference goes is half of it. */
const signed = (fraction: number, decimals = 1): string =>
  fraction > 0 ? `+${percent(fraction, decimals)}` : percent(fraction, decimals);
