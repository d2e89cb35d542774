/** Published runs side by side. */

import Link from "next/link";
import { LineChart } from "@/app/_components/charts/line-chart";
import { Button, Select } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { Empty } from "@/app/_components/controls/notices";
import { memoryClass } from "@/app/_components/momentum/memory";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import { layerMark } from "@/app/_components/momentum/policy-mark";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { exactly, metricColumns } from "@/app/_components/tables/metric-columns";
import { Crumbs } from "@/app/_components/text/crumbs";
import { count, percent, plural, significant } from "@/app/_components/text/format";
import { JsonLink } from "@/app/_components/text/json-link";
import { Section } from "@/app/_components/text/section";
import { variantLabels } from "@/app/_components/text/variant";
import { datasetInfo } from "@/lib/datasets/registry";
import type { CompareView } from "@/lib/leaderboard";
import { apiHref, compareHref, mostCompared } from "@/lib/leaderboard";
import type { Pair } from "@/lib/server/boards/pairs";
import type { ComparedRun, RunComparison } from "@/lib/server/runs/compare";
import type { RunSummary } from "@/lib/server/runs/read";
import { runShape } from "@/lib/training";
import type { Compared } from "./sections";
import { ClassesTable, ComparedList, dashes, letter, McNemarTable, nameIn, SettingsTable, Short } from "./sections";
import { runSettings } from "./settings";

/** As the page calls them: by what differs between them. */
function comparedRuns(runs: readonly RunSummary[]): Compared[] {
  const varies = (of: (run: RunSummary) => unknown) => new Set(runs.map(of)).size > 1;
  return runs.map((run, index) => {
    const parts = [
      varies(({ benchmark, dataset }) => benchmark?.slug ?? dataset) &&
        (run.benchmark?.title ?? datasetInfo(run.dataset).name),
      varies(({ variant }) => variant) && variantLabels[run.variant],
      varies(({ seed }) => seed) && `seed ${run.seed}`,
      varies(({ user }) => user) && `by ${run.user ?? "a deleted account"}`,
    ].filter(Boolean);
    return { key: run.id, name: parts.length > 0 ? parts.join(", ") : `run ${letter(index)}`, href: `/runs/${run.id}` };
  });
}

interface RunsProps {
  view: CompareView;
  found: RunComparison;
  /** Other runs of the same benchmark, newest first. */
  others: readonly RunSummary[];
  address: string;
}

export function Runs({ view, found, others, address }: RunsProps) {
  const { runs, policies, policy, pairs } = found;
  const compared = comparedRuns(runs);
  const [first] = runs;
  const title = first?.benchmark?.title ?? datasetInfo(first!.dataset).name;
  return (
    <>
      <Crumbs
        path={[
          { href: "/leaderboard", title: "Leaderboard" },
          ...(first?.benchmark ? [{ href: `/leaderboard/${first.benchmark.slug}`, title }] : []),
        ]}
      />
      <h1>
        {runs.length === 1
          ? `Compare a run of ${title} with …`
          : `${plural(runs.length, "run")} of ${new Set(runs.map(({ dataset }) => dataset)).size > 1 ? "several data sets" : title}`}
      </h1>
      {runs.length > 1 && (
        <p className="lede" role="status">
          {policy ? `Under ${policy.name}. ` : "They have no policy in common: each is shown under its best. "}
          {pairs.length === 1 && pairWords(pairs[0]!, (id) => nameIn(compared, id))}
        </p>
      )}
      <ComparedList
        compared={compared}
        without={(key) => compareHref(view, { runs: view.runs.filter((id) => id !== key) })}
      />
      <div className="mt-3 flex flex-wrap items-end gap-3">
        {policies.length > 1 && runs.length > 1 && (
          <form action="/compare" className="flex flex-wrap items-end gap-2">
            <input type="hidden" name="runs" value={view.runs.join(",")} />
            <Select label="Under the policy" name="policy" defaultValue={policy?.slug}>
              {policies.map(({ slug, name }) => (
                <option key={slug} value={slug}>
                  {name}
                </option>
              ))}
            </Select>
            <Button type="submit">Show</Button>
          </form>
        )}
        {compared.length < mostCompared && others.length > 0 && (
          <form action="/compare" className="flex flex-wrap items-end gap-2">
            <input type="hidden" name="runs" value={view.runs.join(",")} />
            {view.policy && <input type="hidden" name="policy" value={view.policy} />}
            <Select label={runs.length === 1 ? "Compare with" : "Add"} name="runs">
              {others.map(({ id, variant, seed, user, best }) => (
                <option key={id} value={id}>
                  {variantLabels[variant]}, seed {seed}, by {user ?? "a deleted account"}, {percent(best.accuracy)} %
                </option>
              ))}
            </Select>
            <Button type="submit" kind={runs.length === 1 ? "primary" : "secondary"}>
              {runs.length === 1 ? "Compare" : "Add"}
            </Button>
          </form>
        )}
        {runs.length > 1 && <CopyButton text={address}>Copy link</CopyButton>}
      </div>
      {runs.length === 1 && others.length === 0 && (
        <div className="mt-4">
          <Empty title="There is no other run of this benchmark yet">
            Two runs can be compared by their address as well: /compare?runs=ID,ID.
          </Empty>
        </div>
      )}
      {runs.length > 1 && (
        <>
          <Section id="figures" title="All figures">
            <FiguresTable runs={runs} compared={compared} />
            <p className="note mt-2">
              One run each, so no interval over seeds: what another seed would give is not known from these.{" "}
              <Link href={first?.benchmark ? `/leaderboard/${first.benchmark.slug}` : "/leaderboard"}>The board</Link>{" "}
              compares methods over seeds.
            </p>
          </Section>
          {pairs.some(({ mcnemar }) => mcnemar.length > 0) && (
            <Section
              id="mcnemar"
              title="Example by example"
              note={
                <>
                  McNemar’s exact test on the shared test split: of the examples that just one of the two gets right,
                  are both equally often the right one?
                </>
              }
            >
              <McNemarTable
                pairs={pairs}
                compared={compared}
                seedHead="test split"
                seedWords={(split) => split.split("@")[0]!}
              />
            </Section>
          )}
          <Section id="settings" title="What differs">
            <SettingsTable view={view} compared={compared} settings={runs.map(runSettings)} />
          </Section>
          <Curves runs={runs} compared={compared} />
          <Section
            id="layers"
            title="Layer by layer"
            note={
              <>
                What each batch-norm layer keeps of the old average, and how far its statistics lie from the true ones
                (‖μ̂ − μ‖ + ‖σ̂ − σ‖). Measured by the browsers that trained.
              </>
            }
          >
            <LayersTable runs={runs} compared={compared} />
          </Section>
          {new Set(runs.map(({ dataset }) => dataset)).size === 1 && (
            <Section id="classes" title="Class by class">
              <ClassesTable
                view={view}
                compared={compared}
                classes={runs.map(({ classes }) => classes)}
                caption={`Each class of ${title} against the rest`}
              />
            </Section>
          )}
        </>
      )}
      <JsonLink href={apiHref(view)} />
    </>
  );
}

/** What two runs' predictions say of each other. */
function pairWords({ a, b, difference, mcnemar: [test] }: Pair, nameOf: (id: string) => string): string {
  if (!difference || !test) return "They were not tested on the same examples, so nothing is paired.";
  if (test.onlyARight + test.onlyBRight === 0) return "Both get the same test examples right.";
  const [ahead, behind] = difference.mean >= 0 ? [a, b] : [b, a];
  const apart = `The run with ${nameOf(ahead)} gets ${percent(Math.abs(difference.mean), 2)} points more of the test examples right than the one with ${nameOf(behind)}`;
  if (difference.mean === 0)
    return `Both get as many test examples right, if not the same (McNemar p = ${significant(test.pValue, 2)}).`;
  return test.pValue < 0.05
    ? `${apart}, more than chance on this test split would (McNemar p = ${significant(test.pValue, 2)}).`
    : `${apart}, which chance on this test split could do (McNemar p = ${significant(test.pValue, 2)}).`;
}

interface Side {
  runs: readonly ComparedRun[];
  compared: readonly Compared[];
}

function FiguresTable({ runs, compared }: Side) {
  const rows = runs.map(({ score: { accuracy, sensitivity, specificity, fScore, esmTotal, policy } }, index) => ({
    index,
    policy,
    accuracy: exactly(accuracy),
    sensitivity: exactly(sensitivity),
    specificity: exactly(specificity),
    fScore: exactly(fScore),
    esm: exactly(esmTotal),
  }));
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    { key: "run", head: "Run", cell: ({ index }) => <Short index={index} name={compared[index]!.name} /> },
    ...metricColumns<Row>(rows, () => memoryClass(null)),
    {
      key: "policy",
      head: "policy",
      cell: ({ policy }) => <Link href={`/policies/${policy.slug}`}>{policy.name}</Link>,
    },
  ];
  return (
    <DataTable
      caption="Figures on the test split, derived by the server from the uploaded predictions"
      columns={columns}
      rows={rows}
      rowKey={({ index }) => String(index)}
    />
  );
}

/** Loss, validation accuracy and shift of all of them, laid over each other. */
function Curves({ runs, compared }: Side) {
  const step = { label: "training step", format: count };
  const over = (of: (run: ComparedRun) => readonly { step: number; value: number }[], factor = 1) =>
    runs.map((run, index) => ({
      name: `${letter(index)} ${compared[index]!.name}`,
      dash: dashes[index],
      points: of(run).map(({ step, value }) => ({ x: step, y: factor * value })),
    }));
  const charts = [
    {
      title: "Loss",
      note: "Cross-entropy on the training batches.",
      label: "loss",
      format: (value: number) => significant(value),
      series: over(({ curves }) => curves.loss),
    },
    {
      title: "Validation accuracy, %",
      note: "On training data held back, with running statistics that keep 0.9 of the old average.",
      label: "accuracy, %",
      format: (value: number) => value.toFixed(1),
      series: over(({ curves }) => curves.validationAccuracy, 100),
    },
    {
      title: "Estimation shift, all layers",
      note: "While training, at running statistics that keep 0.9 of the old average.",
      label: "shift",
      format: (value: number) => significant(value),
      series: over(totalShift),
    },
  ].filter(({ series }) => series.some(({ points }) => points.length > 1));
  if (charts.length === 0) return null;
  return (
    <Section id="training" title="Training">
      <div className="grid gap-5 md:grid-cols-2">
        {charts.map(({ title, note, label, format, series }) => (
          <LineChart
            key={title}
            title={title}
            note={note}
            words={`${title}: ${series.map(({ name, points }) => `${name} ends at ${format(points.at(-1)?.y ?? 0)}`).join("; ")}.`}
            x={step}
            y={{ label, format }}
            series={series}
            labelWidth={124}
          />
        ))}
      </div>
    </Section>
  );
}

function totalShift({ curves }: ComparedRun): { step: number; value: number }[] {
  const total = new Map<number, number>();
  for (const { points } of curves.shift)
    for (const { step, value } of points) total.set(step, (total.get(step) ?? 0) + value);
  return [...total].map(([step, value]) => ({ step, value }));
}

function LayersTable({ runs, compared }: Side) {
  const names = [...new Set(runs.flatMap(({ score }) => score.esm.map(({ layer }) => layer)))].sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
  const rows = names.map((name) => ({
    name,
    of: runs.map(({ score }) => score.esm.findIndex(({ layer }) => layer === name)),
  }));
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    { key: "layer", head: "Layer", cell: ({ name }) => name },
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} momentum`,
        head: <Short index={index} name={name} />,
        group: "keeps of the old",
        cell: ({ of }) => {
          const place = of[index]!;
          const momentum = runs[index]!.score.momentumPerLayer[place] ?? null;
          return momentum === null ? (
            <Missing why="nothing is averaged, or each channel has its own" />
          ) : (
            <MomentumChip
              {...layerMark(momentum, runShape(runs[index]!.manifest.recipe, runs[index]!.variant), place)}
            />
          );
        },
      }),
    ),
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} shift`,
        head: <Short index={index} name={name} />,
        group: "estimation shift",
        align: "end",
        cell: ({ of }) => {
          const shift = runs[index]!.score.esm[of[index]!];
          return shift ? significant(shift.mean + shift.std) : <Missing why="no batch norm there" />;
        },
      }),
    ),
  ];
  return (
    <DataTable
      caption="Momentum and estimation shift of each layer"
      columns={columns}
      rows={rows}
      rowKey={({ name }) => name}
    />
  );
}
