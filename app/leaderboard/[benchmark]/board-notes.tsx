/** Below the board: comparing checked rows, pagination, and how to read it. */
import Form from "next/form";
import Link from "next/link";
import { Button } from "@/app/_components/controls/controls";
import { count, date } from "@/app/_components/text/format";
import type { BoardView, Division } from "@/lib/leaderboard";
import { firstRuns } from "@/lib/leaderboard";
import type { BoardPage } from "@/lib/server/boards/read";
import { viewHref } from "../board-addresses";
import { compareForm } from "../board-columns";

interface BoardNotesProps {
  path: string;
  view: BoardView;
  board: BoardPage;
}

export function BoardNotes({ path, view, board }: BoardNotesProps) {
  const { benchmark, of, rows, pinned } = board;
  const latest = rows.reduce<Date | null>((last, { updatedAt }) => (last && last > updatedAt ? last : updatedAt), null);
  return (
    <div className="board-notes">
      {view.seeds !== "each" && rows.length + pinned.length > 0 && <CompareForm benchmark={benchmark} view={view} />}
      <Pages path={path} view={view} next={board.next} previous={board.previous} />
      <p className="note mt-2">
        {view.division === "closed" && benchmark.rankedOn === "published"
          ? publishedNote
          : divisionNotes[view.division]}{" "}
        {view.seeds === "each"
          ? "Each seed by itself: no interval. Ranks are the method’s."
          : "Mean ± half the 95 % interval: of the accuracy for other seeds and other test images, of the other metrics for other seeds; a single seed gives none."}{" "}
        {count(board.found + pinned.length)} of {count(of)} {view.seeds === "each" ? "rows" : "methods"}
        {latest && `, last changed ${date(latest)}`}. Without a sort:{" "}
        {view.seeds === "each" ? "highest accuracy first." : "by standing, then by mean accuracy."} Momenta are chosen
        on training data only.
      </p>
    </div>
  );
}

/** Compares the checked rows; works without JavaScript, too. */
function CompareForm({ benchmark, view: { division, version } }: { benchmark: { slug: string }; view: BoardView }) {
  return (
    <Form id={compareForm} action="/compare" className="mt-3 flex flex-wrap items-center gap-3">
      <input type="hidden" name="benchmark" value={benchmark.slug} />
      {division === "open" && <input type="hidden" name="division" value="open" />}
      {version !== undefined && <input type="hidden" name="version" value={version} />}
      <Button type="submit">Compare ticked rows</Button>
      <span className="note">Two to four: is the difference real, and what is behind it?</span>
    </Form>
  );
}

function Pages({
  path,
  view: { after: _after, before: _before, ...view },
  next,
  previous,
}: {
  path: string;
  view: BoardView;
  next: string | null;
  previous: string | null;
}) {
  if (!next && !previous) return null;
  return (
    <nav className="mt-3 flex flex-wrap gap-3" aria-label="Pages">
      {previous && <Link href={viewHref(path, view)}>First page</Link>}
      {previous && (
        <Link href={viewHref(path, { ...view, before: previous })} rel="prev">
          Previous
        </Link>
      )}
      {next && (
        <Link href={viewHref(path, { ...view, after: next })} rel="next">
          Next
        </Link>
      )}
    </nav>
  );
}

const publishedNote =
  "What every built-in policy scored on runs from public seeds, as they come with the software. Policies that people " +
  `submit are ranked once this site has recorded ${firstRuns} held-out runs of its own, which then take the place of these.`;

const divisionNotes: Record<Division, string> = {
  open:
    "What people trained in their browsers and published; the server derives accuracy, sensitivity, specificity and " +
    "F-score from the predictions they sent. Estimation shift is claimed: as the browser measured it. Runs with a seed " +
    "that their author chose, and runs that contradict the rules as they are now, don’t rank.",
  closed:
    "Each policy replayed by the server on its own held-out training runs, whose seeds it drew itself and shows " +
    "to nobody.",
};
