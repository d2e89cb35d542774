/** Methods of one board side by side. */

import type { ChartSeries } from "@/app/_components/charts/line-chart";
import { LineChart } from "@/app/_components/charts/line-chart";
import { Button, ButtonLink, Select } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { momentumCurves } from "@/app/_components/momentum/layer-curves";
import { memoryClass, window, windowWords } from "@/app/_components/momentum/memory";
import { MomentaOverRuns } from "@/app/_components/momentum/momenta-over-runs";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import { policyMark } from "@/app/_components/momentum/policy-mark";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { metricColumns } from "@/app/_components/tables/metric-columns";
import { Crumbs } from "@/app/_components/text/crumbs";
import { percent, plural, significant } from "@/app/_components/text/format";
import { JsonLink } from "@/app/_components/text/json-link";
import { Section } from "@/app/_components/text/section";
import { variantLabels } from "@/app/_components/text/variant";
import type { RunShape } from "@/lib/dmbn/policy";
import { parsePolicy, variablesOf } from "@/lib/dmbn/policy";
import type { CompareView } from "@/lib/leaderboard";
import { apiHref, compareHref, mostCompared } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import type { ComparedMethod, MethodComparison } from "@/lib/server/boards/compare";
import type { BoardEntry } from "@/lib/server/boards/entries";
import { runShape } from "@/lib/training";
import type { Compared } from "./sections";
import {
  ClassesTable,
  ComparedList,
  dashes,
  letter,
  McNemarTable,
  nameIn,
  PairsTable,
  SettingsTable,
  Short,
} from "./sections";
import { methodSettings } from "./settings";
import { answer, summary } from "./words";

/** As the page calls them: by policy, and by variant where that differs. */
export function comparedMethods(methods: readonly Pick<ComparedMethod, "entry">[]): Compared[] {
  const mixed = new Set(methods.map(({ entry }) => entry.variant)).size > 1;
  return methods.map(({ entry: { method, variant, policy } }) => ({
    key: method,
    name: mixed ? `${policy.name} (${variantLabels[variant]})` : policy.name,
    href: `/policies/${policy.slug}`,
  }));
}

export function heading(compared: readonly Compared[]): string {
  if (compared.length === 1) return `Compare ${compared[0]!.name} with …`;
  return compared.length === 2
    ? `${compared[0]!.name} or ${compared[1]!.name}?`
    : compared.map(({ name }) => name).join(", ");
}

interface MethodsProps {
  view: CompareView;
  found: MethodComparison;
  /** The rest of the board, best first: what could be added. */
  others: readonly BoardEntry[];
  /** This view's address as colleagues reach it. */
  address: string;
}

export function Methods({ view, found, others, address }: MethodsProps) {
  const { benchmark, division, methods, pairs, tieMargin } = found;
  const compared = comparedMethods(methods);
  const closed = division === "closed";
  const unit = closed ? (["held-out run", "held-out runs"] as const) : (["shared seed", "shared seeds"] as const);
  const named = { nameOf: (method: string) => nameIn(compared, method), unit, tieMargin };
  const run = runShape(benchmark.recipe);
  const seedWords = (seed: string) => (closed ? `held-out ${seed}` : `seed ${seed}`);
  const boardHref = `/leaderboard/${benchmark.slug}${closed ? "?division=closed" : ""}`;
  return (
    <>
      <Crumbs
        path={[
          { href: "/leaderboard", title: "Leaderboard" },
          { href: boardHref, title: benchmark.title },
        ]}
      />
      <h1>{heading(compared)}</h1>
      {pairs.length > 0 && (
        <p className="lede" role="status">
          {pairs.length === 1 ? answer(pairs[0]!, named) : summary(pairs)}
        </p>
      )}
      <ComparedList
        compared={compared}
        without={(key) => compareHref(view, { methods: view.methods.filter((method) => method !== key) })}
      />
      <div className="mt-3 flex flex-wrap items-end gap-3">
        {compared.length < mostCompared && others.length > 0 && (
          <AddMethod view={view} others={others} chosen={compared} />
        )}
        <ButtonLink href={boardHref}>Choose on the board</ButtonLink>
        {pairs.length > 0 && <CopyButton text={address}>Copy link</CopyButton>}
      </div>
      {pairs.length > 0 && (
        <>
          <Section id="apart" title={`Can ${benchmark.title} separate them?`} gap={0}>
            {pairs.length > 1 && (
              <ul className="mt-2 grid gap-1">
                {pairs.map((pair) => (
                  <li key={`${pair.a} ${pair.b}`}>{answer(pair, named)}</li>
                ))}
              </ul>
            )}
            <div className="mt-3">
              <PairsTable pairs={pairs} compared={compared} tieMargin={tieMargin} unit={unit[1]} />
            </div>
            <p className="note mt-2">
              Differences are paired: the same weights, the same test images under each policy of a variant. The grey
              band is ±{percent(tieMargin)} points, within which a difference counts as none. &ldquo;Would settle
              it&rdquo;: {unit[1]} in all that find a difference this large with a chance of 80 %.
              {pairs.length > 1 &&
                " Each interval is for its pair alone; p-values are adjusted for all pairs at once (Holm)."}
            </p>
          </Section>
          <Section id="figures" title="All figures">
            <FiguresTable methods={methods} compared={compared} run={run} />
          </Section>
          <Section id="runs" title={`Every ${closed ? "held-out run" : "seed"}`} gap={0}>
            <PointsChart methods={methods} compared={compared} run={run} closed={closed} />
          </Section>
          <Section id="settings" title="What differs">
            <SettingsTable
              view={view}
              compared={compared}
              settings={methods.map(({ entry, document }) => methodSettings(entry, parsePolicy(document)))}
            />
          </Section>
          <MemoryCurves methods={methods} compared={compared} run={run} title={benchmark.title} />
          <Section
            id="layers"
            title="Layer by layer"
            note={
              <>
                What each batch-norm layer keeps of the old average, and how far its statistics lie from the true ones
                (‖μ̂ − μ‖ + ‖σ̂ − σ‖): mean over runs.
              </>
            }
          >
            <LayersTable methods={methods} compared={compared} recipe={benchmark.recipe} />
          </Section>
          <Section id="classes" title="Class by class">
            <ClassesTable
              view={view}
              compared={compared}
              classes={methods.map(({ classes }) => classes)}
              caption={`Each class of ${benchmark.title} against the rest, mean over ${unit[1]}`}
            />
            <p className="note mt-2">
              Mean over {unit[1]}; differences are paired, ± half the 95 % interval. Ten classes are ten looks: one
              interval that leaves out 0 is no finding yet.
            </p>
          </Section>
          {pairs.some(({ mcnemar }) => mcnemar.length > 0) && (
            <Section
              id="mcnemar"
              title="Example by example"
              note={
                <>
                  McNemar’s exact test on each held-out run: of the test examples that just one of the two gets right,
                  are both equally often the right one? It speaks of that run’s weights alone.
                </>
              }
            >
              {pairs.length === 1 ? (
                <McNemarTable pairs={pairs} compared={compared} seedHead="run" seedWords={seedWords} />
              ) : (
                <details className="more">
                  <summary>Every pair on every run</summary>
                  <McNemarTable pairs={pairs} compared={compared} seedHead="run" seedWords={seedWords} />
                </details>
              )}
            </Section>
          )}
        </>
      )}
      <JsonLink href={apiHref(view)} />
    </>
  );
}

/** A plain form: works without a script. */
function AddMethod({
  view,
  others,
  chosen,
}: {
  view: CompareView;
  others: readonly BoardEntry[];
  chosen: readonly Compared[];
}) {
  return (
    <form action="/compare" className="flex flex-wrap items-end gap-2">
      <input type="hidden" name="benchmark" value={view.benchmark ?? ""} />
      {chosen.map(({ key }) => (
        <input key={key} type="hidden" name="methods" value={key} />
      ))}
      {view.division === "open" && <input type="hidden" name="division" value="open" />}
      {view.version !== null && <input type="hidden" name="version" value={view.version} />}
      <Select label={chosen.length === 1 ? "Compare with" : "Add"} name="methods">
        {others.map(({ method, variant, policy, accuracy }) => (
          <option key={method} value={method}>
            {policy.name}, {variantLabels[variant]}, {percent(accuracy.mean)} %
          </option>
        ))}
      </Select>
      <Button type="submit" kind={chosen.length === 1 ? "primary" : "secondary"}>
        {chosen.length === 1 ? "Compare" : "Add"}
      </Button>
    </form>
  );
}

interface Side {
  methods: readonly ComparedMethod[];
  compared: readonly Compared[];
  run: RunShape;
}

function FiguresTable({ methods, compared, run }: Side) {
  const rows = methods.map(({ entry, document }, index) => ({
    ...entry,
    index,
    mark: policyMark(parsePolicy(document), run),
  }));
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    { key: "method", head: "Method", cell: ({ index }) => <Short index={index} name={compared[index]!.name} /> },
    ...metricColumns<Row>(rows, ({ mark }) => memoryClass(mark.memory)),
    {
      key: "rank",
      head: "rank",
      align: "end",
      cell: ({ band }) =>
        band ? (
          band.first === band.last ? (
            band.first
          ) : (
            `${band.first}–${band.last}`
          )
        ) : (
          <Missing why="too few seeds for a rank" />
        ),
    },
    { key: "momentum", head: "keeps of the old", cell: ({ mark }) => <MomentumChip {...mark} /> },
    { key: "n", head: "seeds", align: "end", cell: ({ n }) => n },
  ];
  return (
    <DataTable
      caption="Mean ± half the 95 % interval over seeds"
      columns={columns}
      rows={rows}
      rowKey={({ method }) => method}
    />
  );
}

/** Every dot is a run: lines join those of one method, so that crossings show. */
function PointsChart({ methods, compared, run, closed }: Side & { closed: boolean }) {
  const seeds = [...new Set(methods.flatMap(({ points }) => points.map(({ seed }) => seed)))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const series = methods.map(
    ({ document, points }, index): ChartSeries => ({
      name: `${letter(index)} ${compared[index]!.name}`,
      memory: memoryClass(policyMark(parsePolicy(document), run).memory),
      dash: dashes[index],
      points: points
        .map(({ seed, accuracy }) => ({ x: 1 + seeds.indexOf(seed), y: 100 * accuracy }))
        .sort((a, b) => a.x - b.x),
    }),
  );
  const seedOf = (place: number) => seeds[place - 1] ?? "";
  return (
    <LineChart
      title={null}
      note={`Accuracy of each method on ${plural(seeds.length, closed ? "run" : "seed")}; lines join one method's. Where lines run in parallel, the runs differ and the methods' order does not.`}
      words={series
        .map(({ name, points }) => `${name}: ${points.map(({ y }) => y.toFixed(1)).join(", ")} percent`)
        .join("; ")}
      x={{
        label: closed ? "held-out run" : "seed",
        ticks: seeds.length <= 12 ? seeds.map((_, index) => index + 1) : undefined,
        format: seedOf,
      }}
      y={{ label: "accuracy, %", format: (value) => value.toFixed(2) }}
      series={series}
      labelWidth={124}
    />
  );
}

const longest = 10_000;

/** β of each schedule over the run, in the first layer. */
function MemoryCurves({ methods, compared, run, title }: Side & { title: string }) {
  const drawn = methods.flatMap(({ document }, index) => {
    const policy = parsePolicy(document);
    if (policy.kind !== "schedule") return [];
    const [curve] = momentumCurves(policy.momentum, run);
    const names = variablesOf(policy.momentum);
    return [{ name: compared[index]!.name, index, curve: curve!, deep: names.has("layer") || names.has("channels") }];
  });
  const without = compared.filter((_, index) => !drawn.some((one) => one.index === index)).map(({ name }) => name);
  if (drawn.length === 0) return null;
  return (
    <Section id="memory" title="Their memory over the run" gap={0}>
      <LineChart
        title={null}
        note={
          <>
            Window 1/(1 − β) in batches, log axis, over the steps of {title}.
            {drawn.some(({ deep }) => deep) && " Of the first layer, where layers differ."}
            {without.length > 0 &&
              ` ${without.join(" and ")} ${without.length === 1 ? "follows" : "follow"} no schedule: what was chosen stands below, layer by layer.`}
          </>
        }
        words={drawn
          .map(
            ({ name, curve }) =>
              `${name}: from a window of ${windowWords(curve.values[0]!)} to ${windowWords(curve.values.at(-1)!)}`,
          )
          .join("; ")}
        x={{ label: "training step", format: (value) => value.toLocaleString("en-GB") }}
        y={{
          label: "window in batches",
          scale: "log",
          domain: [1, longest],
          format: (value) => value.toLocaleString("en-GB", { maximumSignificantDigits: 4 }),
        }}
        series={drawn.map(({ name, index, curve: { steps, values } }) => ({
          name: `${letter(index)} ${name}`,
          memory: memoryClass(values.at(-1)!),
          dash: dashes[index],
          points: steps.map((step, at) => ({ x: step, y: Math.min(longest, window(values[at]!)) })),
        }))}
        labelWidth={124}
      />
    </Section>
  );
}

function LayersTable({ methods, compared, recipe }: Omit<Side, "run"> & { recipe: Recipe }) {
  const names = [...new Set(methods.flatMap(({ layers }) => layers.map(({ name }) => name)))].sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
  const rows = names.map((name) => ({
    name,
    of: methods.map(({ layers }) => layers.findIndex((layer) => layer.name === name)),
  }));
  type Row = (typeof rows)[number];
  const cell = (index: number, show: (layer: ComparedMethod["layers"][number], place: number) => React.ReactNode) =>
    function Cell({ of }: Row) {
      const layer = methods[index]!.layers[of[index]!];
      return layer ? show(layer, of[index]!) : <Missing why="no batch norm there" />;
    };
  const columns: Column<Row>[] = [
    { key: "layer", head: "Layer", cell: ({ name }) => name },
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} momentum`,
        head: <Short index={index} name={name} />,
        group: "keeps of the old",
        cell: cell(index, ({ momenta }, place) =>
          momenta.every((momentum) => momentum === null) ? (
            <Missing why="nothing is averaged, or each channel has its own" />
          ) : (
            <MomentaOverRuns momenta={momenta} shape={runShape(recipe, methods[index]!.entry.variant)} layer={place} />
          ),
        ),
      }),
    ),
    ...compared.map(
      ({ key, name }, index): Column<Row> => ({
        key: `${key} shift`,
        head: <Short index={index} name={name} />,
        group: "estimation shift",
        align: "end",
        cell: cell(index, ({ shift }) => significant(shift)),
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
