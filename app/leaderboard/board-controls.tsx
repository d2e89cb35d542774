/**
 * What a board can be narrowed by and how it is shown: links and forms that lead to addresses, so all of it works
 * without a script.
 */
import Form from "next/form";
import Link from "next/link";
import { Button, Checkbox, Choices, SegmentLinks } from "@/app/_components/controls/controls";
import { Menu } from "@/app/_components/controls/menu";
import { count, plural } from "@/app/_components/text/format";
import type { BoardView, Facets } from "@/lib/leaderboard";
import { boardCharts, boardColumns, changeView, columnsOf, exportFormats, writeBoardView } from "@/lib/leaderboard";
import { chartLabels, columnLabels, facetLabels, facetWords } from "./words";

interface ControlsProps {
  path: string;
  view: BoardView;
  facets: Facets;
}

/** The address of a view of the board at `path`. */
export function viewHref(path: string, view: BoardView): string {
  const query = writeBoardView(view).toString();
  return query ? `${path}?${query}` : path;
}

const facetNames = ["variant", "tier", "kind", "device", "author"] as const satisfies readonly (keyof Facets)[];

/** Search, filters and columns in one form. */
export function BoardFilters({ path, view, facets }: ControlsProps) {
  const shown = columnsOf(view);
  const kept = changeView(view, { q: "", variant: [], tier: [], kind: [], device: [], author: [], columns: undefined });
  const active = facetNames.reduce((sum, facet) => sum + view[facet].length, 0);
  return (
    <Form action={path} className="board-form" role="search" aria-label="Methods" scroll={false}>
      {[...writeBoardView(kept)].map(([name, value]) => (
        <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
      ))}
      <span className="board-search">
        <input
          name="q"
          type="search"
          className="input"
          aria-label="Search"
          defaultValue={view.q}
          key={view.q}
          placeholder="name, rule, author"
        />
        <Button type="submit">Search</Button>
      </span>
      <Menu label={active > 0 ? `Filters, ${active}` : "Filters"}>
        <div className="menu-columns">
          {facetNames
            .filter((facet) => facets[facet].size > 1 || view[facet].length > 0)
            .map((facet) => (
              <Choices key={facet} legend={facetLabels[facet]}>
                {offered(facets, view, facet).map(([value, methods]) => (
                  <Ticked
                    key={value}
                    name={facet}
                    value={value}
                    ticked={view[facet].map(String).includes(value)}
                    label={facetWords(facet, value)}
                    hint={count(methods)}
                  />
                ))}
              </Choices>
            ))}
        </div>
        <Button type="submit" kind="primary" className="mt-3">
          Show these
        </Button>
      </Menu>
      <Menu label="Columns">
        <Choices legend="Beside the name">
          <input type="hidden" name="columns" value="none" />
          {boardColumns.map((column) => (
            <Ticked
              key={column}
              name="columns"
              value={column}
              ticked={shown.includes(column)}
              label={columnLabels[column]}
            />
          ))}
        </Choices>
        <div className="mt-3 flex flex-wrap gap-2">
          <Button type="submit" kind="primary">
            Show these
          </Button>
          <Link
            className="button"
            data-kind="plain"
            href={viewHref(path, changeView(view, { columns: undefined }))}
            scroll={false}
          >
            The usual ones
          </Link>
        </div>
      </Menu>
    </Form>
  );
}

/** Begins anew when the address says otherwise: a browser keeps a box as it was left. */
const Ticked = ({
  ticked,
  ...rest
}: {
  name: string;
  value: string;
  ticked: boolean;
  label: string;
  hint?: string;
}) => <Checkbox key={String(ticked)} defaultChecked={ticked} {...rest} />;

/** The values of a filter, those in use among them even where no method has them. */
function offered(facets: Facets, view: BoardView, facet: keyof Facets): [string, number][] {
  const used = view[facet].map(String).filter((value) => !facets[facet].has(value));
  return [...facets[facet], ...used.map((value): [string, number] => [value, 0])];
}

/** Each filter in use, with a way out of it, and what they hide together. */
export function ActiveFilters({
  path,
  view,
  found,
  of,
}: Omit<ControlsProps, "facets"> & { found: number; of: number }) {
  const chips = [
    ...(view.q ? [{ words: `“${view.q}”`, without: changeView(view, { q: "" }) }] : []),
    ...facetNames.flatMap((facet) =>
      view[facet].map((value) => ({
        words: `${facetLabels[facet].toLowerCase()}: ${facetWords(facet, String(value))}`,
        without: changeView(view, { [facet]: (view[facet] as (string | number)[]).filter((one) => one !== value) }),
      })),
    ),
  ];
  if (chips.length === 0) return null;
  return (
    <p className="chips" role="status">
      {chips.map(({ words, without }) => (
        <Link key={words} href={viewHref(path, without)} className="chip" scroll={false} prefetch={false}>
          {words}
          <span aria-hidden="true"> ×</span>
          <span className="sr-only"> (remove)</span>
        </Link>
      ))}
      <span className="text-ink-3">
        {count(found)} shown, {count(of - found)} hidden
      </span>
      {chips.length > 1 && (
        <Link
          href={viewHref(path, changeView(view, { q: "", variant: [], tier: [], kind: [], device: [], author: [] }))}
          scroll={false}
        >
          Show all
        </Link>
      )}
    </p>
  );
}

/** What is drawn above the table. */
export function ChartMenu({ path, view }: Omit<ControlsProps, "facets">) {
  return (
    <Menu label={view.chart ? chartLabels[view.chart] : "Chart"}>
      <ul className="menu-list">
        {[undefined, ...boardCharts].map((chart) => (
          <li key={chart ?? "none"}>
            <Link
              href={viewHref(path, { ...view, chart })}
              aria-current={view.chart === chart ? "true" : undefined}
              scroll={false}
              prefetch={false}
            >
              {chart ? chartLabels[chart] : "None"}
            </Link>
          </li>
        ))}
      </ul>
    </Menu>
  );
}

/** What the chart's marks stand for; a press narrows the board to one of them, another takes that back. */
export function ChartLegend({ path, view, facets }: ControlsProps) {
  const shown = (["variant", "kind"] as const).filter((facet) => facets[facet].size > 1 || view[facet].length > 0);
  if (shown.length === 0) return null;
  return (
    <div className="chart-legend">
      {shown.map((facet) => (
        <ul key={facet} aria-label={`${facetLabels[facet]}: show one alone`}>
          {offered(facets, view, facet).map(([value, methods]) => {
            const alone = view[facet].length === 1 && view[facet][0] === value;
            return (
              <li key={value}>
                <Link
                  className="chip"
                  href={viewHref(path, changeView(view, { [facet]: alone ? [] : [value] }))}
                  aria-current={alone ? "true" : undefined}
                  scroll={false}
                  prefetch={false}
                  rel="nofollow"
                >
                  {facet === "variant" && (
                    <span className={`mark ${value === "bn" ? "" : "ring"}`} aria-hidden="true" />
                  )}
                  {facetWords(facet, value)} <span className="count">{count(methods)}</span>
                  {alone && <span className="sr-only"> (shown alone; press to show all)</span>}
                </Link>
              </li>
            );
          })}
        </ul>
      ))}
    </div>
  );
}

/** The address of a view as a file: all its pages. */
export function exportHref(
  slug: string,
  version: number,
  { chart: _chart, after: _after, before: _before, ...view }: BoardView,
  format: string,
): string {
  return `/api/v1/benchmarks/${slug}/export?${new URLSearchParams([...writeBoardView({ ...view, version, density: "comfortable" }), ["format", format]])}`;
}

/** Exactly this view as a file, and how to cite the board. */
export function ExportMenu({
  slug,
  version,
  view,
  rows,
}: {
  slug: string;
  version: number;
  view: BoardView;
  rows: number;
}) {
  const address = `/api/v1/benchmarks/${slug}`;
  return (
    <Menu label="Export">
      <p className="note">This view, all {plural(rows, "row")}:</p>
      <ul className="menu-list">
        {Object.entries(exportFormats).map(([format, { label }]) => (
          <li key={format}>
            <a href={exportHref(slug, version, view, format)} download>
              {label}
            </a>
          </li>
        ))}
      </ul>
      <p className="note mt-2">Cite this board:</p>
      <ul className="menu-list">
        <li>
          <a href={`${address}/citation?version=${version}`}>BibTeX</a>
        </li>
        <li>
          <a href={`${address}/citation?version=${version}&format=cff`}>CITATION.cff</a>
        </li>
      </ul>
    </Menu>
  );
}

/** Seeds together or apart, rows close or not. */
export function BoardModes({ path, view }: Omit<ControlsProps, "facets">) {
  const to = (change: Parameters<typeof changeView>[1]) => viewHref(path, changeView(view, change));
  return (
    <div className="grid justify-items-start gap-2">
      <SegmentLinks
        label="Seeds"
        options={[
          {
            href: to({ seeds: "together", pin: view.pin.filter((key) => !key.includes("@")) }),
            label: "Mean over seeds",
            current: view.seeds === "together",
          },
          { href: to({ seeds: "each" }), label: "Every seed", current: view.seeds === "each" },
        ]}
      />
      <SegmentLinks
        label="Density"
        options={[
          {
            href: viewHref(path, { ...view, density: "comfortable" }),
            label: "Comfortable",
            current: view.density === "comfortable",
          },
          {
            href: viewHref(path, { ...view, density: "compact" }),
            label: "Compact",
            current: view.density === "compact",
          },
        ]}
      />
    </div>
  );
}
