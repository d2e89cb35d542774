/**
 * Controls of a board's filters and display: links and forms that lead to URLs, so that all of it works without
 * JavaScript.
 */
import Link from "next/link";
import { SegmentLinks } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { Menu } from "@/app/_components/controls/menu";
import { plural } from "@/app/_components/text/format";
import type { BoardView } from "@/lib/leaderboard";
import { boardCharts, changeView, exportFormats, rowsPerAuthor } from "@/lib/leaderboard";
import { exportHref, viewHref } from "./board-addresses";
import type { ControlsProps } from "./board-filters";
import { chartLabels } from "./labels";

/** Chooses the chart above the table. */
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

/** Exports exactly this view as a file, cites the board, and has the HTML that shows it elsewhere. */
export function ExportMenu({
  slug,
  version,
  view,
  rows,
  embed,
}: {
  slug: string;
  version: number;
  view: BoardView;
  rows: number;
  /** The HTML that shows the board within another page. */
  embed: string;
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
      <p className="note mt-2">Cite or describe this board:</p>
      <ul className="menu-list">
        <li>
          <a href={`${address}/citation?version=${version}`}>BibTeX</a>
        </li>
        <li>
          <a href={`${address}/citation?version=${version}&format=cff`}>CITATION.cff</a>
        </li>
        <li>
          <a href={`${address}/croissant?version=${version}`}>Croissant</a>
        </li>
      </ul>
      <p className="note mt-2 mb-1">Show it within another page:</p>
      <CopyButton text={embed}>Copy embed</CopyButton>
    </Menu>
  );
}

/** Pools or separates seeds, and sets the density of rows. */
export function BoardModes({ path, view }: Omit<ControlsProps, "facets">) {
  const to = (change: Parameters<typeof changeView>[1]) => viewHref(path, changeView(view, change));
  const hasSeeds = view.pin.some((key) => key.includes("@"));
  return (
    <div className="grid justify-items-start gap-2">
      <SegmentLinks
        label="Seeds"
        options={[
          {
            href: to({ seeds: "together", ...(hasSeeds && { pin: view.pin.filter((key) => !key.includes("@")) }) }),
            label: "Mean over seeds",
            current: view.seeds === "together",
          },
          { href: to({ seeds: "each" }), label: "Every seed", current: view.seeds === "each" },
        ]}
      />
      <SegmentLinks
        label="Rows"
        options={[
          { href: to({ rows: "first" }), label: "Different predictions", current: view.rows === "first" },
          { href: to({ rows: "all" }), label: "All rows", current: view.rows === "all" },
        ]}
      />
      <p className="note">
        Of methods that predict the same on every run one row is shown, and of an author&rsquo;s the best{" "}
        {rowsPerAuthor}.
      </p>
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
