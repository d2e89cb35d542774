/** The empty comparison, and the parts of the URL that could not be shown. */

import Link from "next/link";
import { Empty, Problem } from "@/app/_components/controls/notices";
import { divisionLabels } from "@/app/_components/text/division";
import type { CompareView } from "@/lib/leaderboard";
import { benchmarks, mostCompared } from "@/lib/leaderboard";

/** The parts of the URL that could not be shown. */
export function Notes({ view, unknown, what }: { view: CompareView; unknown: readonly string[]; what: string }) {
  return (
    <>
      {view.surplus > 0 && (
        <p className="note mb-3">
          {mostCompared} fit side by side: the first {mostCompared} are shown, {view.surplus} left out.
        </p>
      )}
      {unknown.length > 0 && (
        <div className="mb-3">
          <Problem title={unknown.length === 1 ? `One is no ${what}` : `${unknown.length} are no ${what}`}>
            {unknown.map((name) => JSON.stringify(name.slice(0, 80))).join(", ")}: the others are shown.
          </Problem>
        </div>
      )}
    </>
  );
}

/** Nothing to compare yet. */
export function Choose({
  unknown = [],
  board,
}: {
  unknown?: readonly string[];
  board?: { slug: string; title: string; division: CompareView["division"] };
}) {
  return (
    <>
      <h1>Compare</h1>
      <p className="lede">Two to four methods of a board, or runs: is the difference real, and what is behind it?</p>
      <div className="mt-4">
        <Empty
          title={
            unknown.length > 0
              ? `${unknown.map((name) => JSON.stringify(name.slice(0, 80))).join(", ")}: there is nothing of this ` +
                "name here"
              : "Nothing is chosen yet"
          }
        >
          {board ? (
            <>
              Tick two to four rows of{" "}
              <Link href={`/leaderboard/${board.slug}${board.division === "open" ? "?division=open" : ""}`}>
                {board.title}, {divisionLabels[board.division]}
              </Link>
              , then press Compare.
            </>
          ) : (
            <>
              Tick two to four rows of a board, then press Compare:
              <ul className="mt-2 grid gap-1">
                {benchmarks.map(({ slug, title }) => (
                  <li key={slug}>
                    <Link href={`/leaderboard/${slug}`}>{title}</Link>
                  </li>
                ))}
              </ul>
            </>
          )}
        </Empty>
      </div>
    </>
  );
}
