/** URLs of a board's view: as a page, and as a file. */
import type { BoardView } from "@/lib/leaderboard";
import { writeBoardQuery, writeBoardView } from "@/lib/leaderboard";

/** The URL of a view of the board at `path`. */
export function viewHref(path: string, view: BoardView): string {
  const query = writeBoardView(view).toString();
  return query ? `${path}?${query}` : path;
}

/** The URL of a view as a file: all its pages. */
export function exportHref(
  slug: string,
  version: number,
  { chart: _chart, after: _after, before: _before, ...view }: BoardView,
  format: string,
): string {
  const query = new URLSearchParams([
    ...writeBoardQuery({ ...view, version, density: "comfortable" }),
    ["format", format],
  ]);
  return `/api/v1/benchmarks/${slug}/export?${query}`;
}
