/** The registered hypotheses: what came of them in a sentence each, then board by board. */
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { Section } from "@/app/_components/text/section";
import type { RegimeSummary, RegisteredComparison } from "@/lib/records";
import { PairedCell } from "../difference";
import type { Verdict } from "../labels";
import { boardColumns, boardTitle } from "./boards";

interface HypothesesProps {
  registered: readonly RegisteredComparison[];
  regimes: readonly RegimeSummary[];
}

type Row = RegisteredComparison["regimes"][number];

const statements: Record<string, string> = {
  H1: "At batch 4 in all-BN it is more accurate than sequential recalibration.",
  H2: "On the other boards in all-BN it is within ±.3 points of it.",
  H3: "In BN-BFN networks it is within ±.3 points of it.",
  H4: "At batch 4 in all-BN its negative log-likelihood is lower.",
};

export function Hypotheses({ registered, regimes }: HypothesesProps) {
  const hypotheses = registered.filter(({ claim }) => claim !== null).sort(failedFirst);
  return (
    <Section id="hypotheses" title="What we expected, and what came of it" gap={0}>
      <dl className="mt-2 grid max-w-prose gap-3">
        {hypotheses.map(({ key, outcome, regimes: rows }) => (
          <div key={key}>
            <dt className="font-medium">
              {key}. {statements[key]}
            </dt>
            <dd>{sentence(outcome, rows, regimes)}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-3">
        <DataTable
          caption="Small-batch recalibration less sequential recalibration, ± half the simultaneous 95 % interval"
          captionShown
          columns={[
            ...boardColumns,
            column("all-BN", "accuracy, points", registered, ["H1", "H2"], points),
            column("BN-BFN", "accuracy, points", registered, ["H3"], points),
            column("all-BN", "negative log-likelihood", registered, ["H4"], nats),
          ]}
          rows={regimes}
          rowKey={({ regime }) => regime}
        />
      </div>
      <p className="note mt-2">
        <i>Better</i> is asked of the paired t test, adjusted by Holm over the hypothesis’s boards;{" "}
        <i>within ±.3 points</i> of the intervals, which hold for all of them together (Bonferroni): inside it holds,
        wholly outside it fails, across it is undecided.
      </p>
    </Section>
  );
}

const failedFirst = (a: RegisteredComparison, b: RegisteredComparison) =>
  Number(b.outcome === "fails") - Number(a.outcome === "fails") || a.key.localeCompare(b.key);

function sentence(
  outcome: RegisteredComparison["outcome"],
  rows: readonly Row[],
  regimes: readonly RegimeSummary[],
): string {
  if (outcome === "holds") return `Holds on all ${rows.length} boards.`;
  const named = (wanted: Row["outcome"]) =>
    rows
      .filter((row) => row.outcome === wanted)
      .map(({ regime }) => boardTitle(regimes.find((known) => known.regime === regime)!))
      .join("; ");
  const holding = rows.filter((row) => row.outcome === "holds").length;
  const open = named("undecided");
  return (
    `${outcome === "fails" ? `Fails, on ${named("fails")}.` : "Undecided."} ` +
    `Holds on ${holding} of ${rows.length} boards${open && `, open on ${open}`}.`
  );
}

/** What emphasis an outcome has. */
const verdictOf: Record<Row["outcome"], Verdict> = {
  holds: "tie",
  fails: "worse",
  better: "better",
  tie: "tie",
  worse: "worse",
  undecided: "unresolved",
};

function column(
  head: string,
  group: string,
  registered: readonly RegisteredComparison[],
  keys: readonly string[],
  show: (row: Row) => React.ReactNode,
): Column<RegimeSummary> {
  const rows = registered.filter(({ key }) => keys.includes(key)).flatMap(({ regimes }) => regimes);
  return {
    key: keys.join(),
    head,
    group,
    align: "end",
    cell: ({ regime }) => {
      const row = rows.find((known) => known.regime === regime);
      return row ? show(row) : <Missing why="nothing was claimed" />;
    },
  };
}

const points = (row: Row) => <PairedCell difference={row} verdict={verdictOf[row.outcome]} word={row.outcome} />;

const nats = (row: Row) => (
  <PairedCell difference={row} verdict={verdictOf[row.outcome]} word={row.outcome} show={decimals} />
);

const decimals = (value: number) => value.toFixed(3).replace("-", "−");
