/** A board's filters: links and forms that lead to URLs, so that they work without JavaScript. */
import Form from "next/form";
import Link from "next/link";
import { Button, Checkbox, Choices } from "@/app/_components/controls/controls";
import { Menu } from "@/app/_components/controls/menu";
import { count, plural } from "@/app/_components/text/format";
import type { BoardView, Facets } from "@/lib/leaderboard";
import { baselines, boardColumns, changeView, columnsOf, writeBoardView } from "@/lib/leaderboard";
import { viewHref } from "./board-addresses";
import { columnLabels, describeFacet, facetLabels } from "./labels";

export interface ControlsProps {
  path: string;
  view: BoardView;
  facets: Facets;
}

const facetNames = [
  "variant",
  "tier",
  "kind",
  "reproduced",
  "device",
  "author",
] as const satisfies readonly (keyof Facets)[];

/** Search, filters and columns in one form. */
export function BoardFilters({ path, view, facets }: ControlsProps) {
  const shown = columnsOf(view);
  const unfiltered = changeView(view, {
    q: "",
    variant: [],
    tier: [],
    kind: [],
    reproduced: [],
    device: [],
    author: [],
    columns: undefined,
  });
  const active = facetNames.reduce((sum, facet) => sum + view[facet].length, 0);
  return (
    <Form action={path} className="board-form" role="search" aria-label="Methods" scroll={false}>
      {[...writeBoardView(unfiltered)].map(([name, value]) => (
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
                    label={describeFacet(facet, value)}
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

/** Remounts when the URL changes its value: browsers restore a checkbox's last state. */
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

/** The values of a filter, including active ones that no method has. */
function offered(facets: Facets, view: BoardView, facet: keyof Facets): [string, number][] {
  const used = view[facet].map(String).filter((value) => !facets[facet].has(value));
  return [...facets[facet], ...used.map((value): [string, number] => [value, 0])];
}

/** Each active filter, and the pins, with a link that removes it, and how many methods the filters hide together. */
export function ActiveFilters({
  path,
  view,
  shown,
  of,
}: Omit<ControlsProps, "facets"> & { shown: number; of: number }) {
  const chips = [
    ...(view.q ? [{ words: `“${view.q}”`, without: changeView(view, { q: "" }) }] : []),
    ...facetNames.flatMap((facet) =>
      view[facet].map((value) => ({
        words: `${facetLabels[facet].toLowerCase()}: ${describeFacet(facet, String(value))}`,
        without: changeView(view, { [facet]: (view[facet] as (string | number)[]).filter((other) => other !== value) }),
      })),
    ),
  ];
  const pins = view.pin.length;
  return (
    <p className="chips" role="status">
      {pins > 0 ? (
        <Link href={viewHref(path, { ...view, pin: [] })} className="chip" scroll={false} prefetch={false}>
          {view.pin.every((method) => baselines.includes(method)) ? plural(pins, "baseline") : plural(pins, "row")}{" "}
          pinned
          <span aria-hidden="true"> ×</span>
          <span className="sr-only"> (unpin)</span>
        </Link>
      ) : (
        view.seeds === "together" && (
          <Link href={viewHref(path, { ...view, pin: [...baselines] })} scroll={false} prefetch={false}>
            Pin the baselines
          </Link>
        )
      )}
      {chips.map(({ words, without }) => (
        <Link key={words} href={viewHref(path, without)} className="chip" scroll={false} prefetch={false}>
          {words}
          <span aria-hidden="true"> ×</span>
          <span className="sr-only"> (remove)</span>
        </Link>
      ))}
      {chips.length > 0 && (
        <span className="text-ink-3">
          {count(shown)} shown, {count(of - shown)} hidden
        </span>
      )}
      {chips.length > 1 && (
        <Link
          href={viewHref(
            path,
            changeView(view, { q: "", variant: [], tier: [], kind: [], reproduced: [], device: [], author: [] }),
          )}
          scroll={false}
        >
          Show all
        </Link>
      )}
    </p>
  );
}

/** The legend of the chart's marks. A click filters the board by one of them, a second click removes the filter. */
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
                  {describeFacet(facet, value)} <span className="count">{count(methods)}</span>
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
