/** The board that the gallery's policies are ranked by. */

import Link from "next/link";
import { divisionLabels } from "@/app/_components/text/division";
import { count, plural } from "@/app/_components/text/format";
import type { Benchmark, BoardEntry, Division } from "@/lib/leaderboard";
import { variantLabels } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import { boardRows } from "@/lib/server/boards/read";
import { runShape } from "@/lib/training";

export interface Ranking {
  benchmark: Benchmark;
  division: Division;
  /** By the policy's slug. */
  entries: ReadonlyMap<string, BoardEntry>;
}

/** The entries of the Closed division, or of the Open one where the server has scored nothing yet. */
export async function rankingOn(benchmark: Benchmark, variant: Variant): Promise<Ranking> {
  const inDivision = async (division: Division): Promise<Ranking> => {
    const rows = (await boardRows(benchmark.slug, { division }, { take: 1000 }))?.rows ?? [];
    const entries = rows.filter((row) => row.variant === variant).map((row) => [row.policy.slug, row] as const);
    return { benchmark, division, entries: new Map(entries) };
  };
  const closed = await inDivision("closed");
  return closed.entries.size > 0 ? closed : inDivision("open");
}

interface RankingNoteProps {
  /** Number of policies in the view. */
  policies: number;
  ranking: Ranking;
  variant: Variant;
}

/** Below the table: which benchmark its curves and ranks refer to. */
export function RankingNote({ policies, ranking: { benchmark, division, entries }, variant }: RankingNoteProps) {
  return (
    <p className="note mt-2">
      {plural(policies, "policy", "policies")}. Curves: window 1/(1 − β) on a log axis, 1 to 10,000 batches, over the{" "}
      {count(runShape(benchmark.recipe).steps)} steps of {benchmark.title}.{" "}
      {entries.size > 0 ? (
        <>
          Rank and accuracy:{" "}
          <Link href={`/leaderboard/${benchmark.slug}${division === "open" ? "?division=open" : ""}`}>
            {benchmark.title}
          </Link>
          , {variantLabels[variant]}, {divisionLabels[division]}.
        </>
      ) : (
        <>
          No policy has been scored on {benchmark.title}, {variantLabels[variant]}, yet.
        </>
      )}
    </p>
  );
}
