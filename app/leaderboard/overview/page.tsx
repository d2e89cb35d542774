/** All boards at once: each policy a line over every benchmark and variant, narrowed by ranges of the axes. */

import type { Metadata } from "next";
import Form from "next/form";
import Link from "next/link";
import { LinkedHover } from "@/app/_components/charts/linked-hover";
import { Button, ButtonLink, SegmentLinks } from "@/app/_components/controls/controls";
import { Empty } from "@/app/_components/controls/notices";
import { memoryClass } from "@/app/_components/momentum/memory";
import type { MomentumMark } from "@/app/_components/momentum/momentum";
import { MemoryLegend, MomentumChip } from "@/app/_components/momentum/momentum";
import { policyMark } from "@/app/_components/momentum/policy-mark";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable, Missing } from "@/app/_components/tables/data-table";
import { Crumbs } from "@/app/_components/text/crumbs";
import { percent, plural } from "@/app/_components/text/format";
import { variantLabels } from "@/app/_components/text/variant";
import { parsePolicy } from "@/lib/dmbn/policy";
import { divisions } from "@/lib/leaderboard";
import type { Overview } from "@/lib/server/boards/overview";
import { overview } from "@/lib/server/boards/overview";
import { runShape } from "@/lib/training";
import { Brush } from "./brush";

export const metadata: Metadata = {
  title: "All boards at once",
  description: "How accurate each momentum policy is on every benchmark: one line a policy, with ranges to narrow by.",
};

export const dynamic = "force-dynamic";

type Query = Record<string, string | string[] | undefined>;

interface Axis {
  key: string;
  title: string;
  variant: string;
  x: number;
  /** Accuracy at its lower and upper end. */
  low: number;
  high: number;
  /** What is asked of it; null: anything. */
  min: number | null;
  max: number | null;
}

type Row = Overview["policies"][number] & { mark: MomentumMark };

export default async function OverviewPage({ searchParams }: PageProps<"/leaderboard/overview">) {
  const query = await searchParams;
  const division = divisions.find((one) => one === query["division"]) ?? "closed";
  const found = await overview(division);
  const axes = axesOf(found, query);
  const rows = found.policies.map(
    (policy): Row => ({
      ...policy,
      mark: found.axes[0]
        ? policyMark(parsePolicy(policy.document), runShape(found.axes[0].benchmark.recipe))
        : { memory: null, label: "" },
    }),
  );
  const inside = rows.filter(({ accuracy }) =>
    axes.every(({ min, max }, index) => within(accuracy[index] ?? null, min, max)),
  );
  const narrowed = axes.some(({ min, max }) => min !== null || max !== null);
  return (
    <>
      <Crumbs path={[{ href: "/leaderboard", title: "Leaderboard" }]} />
      <h1>All boards at once</h1>
      <p className="lede">
        Each line is a policy, each axis a benchmark and variant with its own scale of accuracy. Figures of different
        benchmarks don&rsquo;t mix; the order of policies on them can be seen.
      </p>
      <div className="mt-4 flex flex-wrap items-end justify-between gap-3">
        <SegmentLinks
          label="Division"
          options={[
            { href: "/leaderboard/overview?division=open", label: "Runs by users", current: division === "open" },
            { href: "/leaderboard/overview", label: "Recomputed by the server", current: division === "closed" },
          ]}
        />
        <MemoryLegend />
      </div>
      {axes.length === 0 ? (
        <Empty
          title="No board of this division has a method yet"
          actions={<ButtonLink href="/train">Train now</ButtonLink>}
        >
          The server records its own runs in the first minute after a start; runs by users come from the training page.
        </Empty>
      ) : (
        <>
          <figure className="figure mt-4">
            <figcaption>
              <h2>{finding(axes, inside)}</h2>
              <p className="note">
                {plural(rows.length, "policy", "policies")}, those on most boards. Drag along an axis to keep a range of
                it, press it to let go; or write the range below. Point at a line to see its row.
              </p>
            </figcaption>
            <Lines axes={axes} rows={rows} inside={new Set(inside)} />
          </figure>
          <Form action="/leaderboard/overview" id="ranges" className="ranges mt-3" scroll={false}>
            {division === "open" && <input type="hidden" name="division" value="open" />}
            {axes.map(({ key, title, variant, min, max }) => (
              <fieldset key={key} className="choices">
                <legend>
                  {title}, {variant}, %
                </legend>
                <input
                  className="input"
                  name={`min.${key}`}
                  type="number"
                  min={0}
                  max={100}
                  step="any"
                  placeholder="from"
                  aria-label={`${title}, ${variant}: from`}
                  defaultValue={min === null ? "" : 100 * min}
                  key={`min ${min}`}
                />
                <input
                  className="input"
                  name={`max.${key}`}
                  type="number"
                  min={0}
                  max={100}
                  step="any"
                  placeholder="to"
                  aria-label={`${title}, ${variant}: to`}
                  defaultValue={max === null ? "" : 100 * max}
                  key={`max ${max}`}
                />
              </fieldset>
            ))}
            <div className="flex gap-2">
              <Button type="submit">Narrow</Button>
              {narrowed && (
                <ButtonLink
                  href={division === "open" ? "/leaderboard/overview?division=open" : "/leaderboard/overview"}
                >
                  Show all
                </ButtonLink>
              )}
            </div>
          </Form>
          <div className="section">
            {inside.length > 0 ? (
              <DataTable
                caption="Policies within the ranges, with their accuracy on every board"
                columns={columnsOf(axes)}
                rows={inside.slice(0, rowsShown)}
                rowKey={({ slug }) => slug}
                linked
              />
            ) : (
              <Empty title="No policy lies within all these ranges">Widen one of them.</Empty>
            )}
            {inside.length > rowsShown && (
              <p className="note mt-2">
                The first {rowsShown} of {plural(inside.length, "policy", "policies")}.
              </p>
            )}
          </div>
          <LinkedHover />
        </>
      )}
    </>
  );
}

const rowsShown = 60;

function axesOf({ axes, policies }: Overview, query: Query): Axis[] {
  return axes.map(({ benchmark, variant }, index) => {
    const values = policies.flatMap(({ accuracy }) => accuracy[index] ?? []);
    const key = `${benchmark.slug}.${variant}`;
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const asked = (name: string) =>
      typeof query[name] === "string" && /^\d{1,3}(\.\d{1,6})?$/.test(query[name]) ? Number(query[name]) / 100 : null;
    return {
      key,
      title: benchmark.title,
      variant: variantLabels[variant],
      x: axes.length === 1 ? 0.5 : index / (axes.length - 1),
      low,
      high: high === low ? low + 0.01 : high,
      min: asked(`min.${key}`),
      max: asked(`max.${key}`),
    };
  });
}

const within = (value: number | null, min: number | null, max: number | null): boolean =>
  (min === null && max === null) || (value !== null && value >= (min ?? 0) - 1e-9 && value <= (max ?? 1) + 1e-9);

/** Who is first on the most axes. */
function finding(axes: readonly Axis[], rows: readonly Row[]): string {
  const firsts = axes.flatMap((_, index) => {
    const scored = rows.filter(({ accuracy }) => accuracy[index] !== null);
    return scored.length > 0
      ? [scored.reduce((most, row) => (row.accuracy[index]! > most.accuracy[index]! ? row : most)).name]
      : [];
  });
  const names = [...new Set(firsts)];
  if (names.length === 0) return "No policy lies within all these ranges";
  return names.length === 1
    ? `${names[0]} has the highest mean everywhere`
    : `${names.length} policies share the first places of ${axes.length} boards: ${names.slice(0, 3).join(", ")}${names.length > 3 ? " …" : ""}`;
}

const height = 320;

function Lines({ axes, rows, inside }: { axes: readonly Axis[]; rows: readonly Row[]; inside: ReadonlySet<Row> }) {
  const y = (index: number, value: number) => 1 - (value - axes[index]!.low) / (axes[index]!.high - axes[index]!.low);
  /** Broken where a policy has not been scored; a dot where nothing is beside it. */
  const path = ({ accuracy }: Row) =>
    accuracy
      .map((value, index) =>
        value === null
          ? ""
          : `${index === 0 || accuracy[index - 1] === null ? "M" : "L"}${axes[index]!.x.toFixed(4)} ${y(index, value).toFixed(4)}${accuracy[index - 1] == null && accuracy[index + 1] == null ? "h0" : ""}`,
      )
      .join("");
  const ordered = [...rows].sort((a, b) => Number(inside.has(a)) - Number(inside.has(b)));
  return (
    <div className="table-scroll long" role="region" aria-label="Lines over all boards" tabIndex={0}>
      <div
        className="plot parallel"
        role="img"
        aria-label={`${plural(inside.size, "policy", "policies")} over ${plural(axes.length, "board")}; the table below has the figures.`}
        style={{ minInlineSize: `${axes.length * 110 + 60}px` }}
      >
        <div className="plot-area" style={{ height }}>
          <Brush
            form="ranges"
            axes={axes.map(({ key, x, low, high }) => ({ key, x, low: 100 * low, high: 100 * high }))}
          >
            <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
              {axes.map(({ key, x }) => (
                <path key={key} className="base" d={`M${x} 0V1`} />
              ))}
              {axes.map(({ key, x, min, max }, index) =>
                min === null && max === null ? null : (
                  <path
                    key={key}
                    className="kept"
                    d={`M${x} ${clamp(y(index, min ?? 0))}V${clamp(y(index, max ?? 1))}`}
                  />
                ),
              )}
              {ordered.map((row) => (
                <path
                  key={row.slug}
                  data-key={row.slug}
                  data-out={inside.has(row) ? undefined : ""}
                  className={`line ${memoryClass(row.mark.memory)}`}
                  d={path(row)}
                />
              ))}
            </svg>
          </Brush>
          {axes.map(({ key, title, variant, x, low, high }) => (
            <span
              key={key}
              className="axis-label"
              style={{ left: `${100 * x}%` }}
              data-side={x === 0 ? "start" : x === 1 ? "end" : undefined}
            >
              {title}
              <br />
              {variant}, {percent(low)} to {percent(high)} %
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}

const clamp = (fraction: number): number => Math.min(1, Math.max(0, fraction));

function columnsOf(axes: readonly Axis[]): Column<Row>[] {
  return [
    {
      key: "policy",
      head: "Policy",
      cell: ({ slug, name }) => (
        <Link href={`/policies/${slug}`} prefetch={false}>
          {name}
        </Link>
      ),
    },
    { key: "momentum", head: "keeps of the old", wide: true, cell: ({ mark }) => <MomentumChip {...mark} /> },
    ...axes.map(
      ({ key, title, variant }, index): Column<Row> => ({
        key,
        head: variant,
        group: `${title}, accuracy, %`,
        align: "end",
        cell: ({ accuracy }) => (accuracy[index] == null ? <Missing why="not scored" /> : percent(accuracy[index])),
      }),
    ),
  ];
}
