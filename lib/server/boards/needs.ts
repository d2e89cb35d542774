/** Boards of runs by users, the one that needs a run most first. */
import "server-only";
import type { BoardNeed } from "@/lib/leaderboard";
import { byNeed, needsGpu } from "@/lib/leaderboard";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { BenchmarkInfo } from "./benchmarks";
import { listBenchmarks } from "./benchmarks";

export interface BoardInNeed extends BoardNeed, Pick<BenchmarkInfo, "title" | "summary" | "recipe"> {
  /** Whether a run takes days without a GPU. */
  gpu: boolean;
}

/** Every board in its newest version; those that take a GPU come last. */
export async function boardsInNeed(db: Database = database()): Promise<BoardInNeed[]> {
  const needs = (await listBenchmarks(db)).map(
    ({ slug, title, summary, recipe, openSeeds, openSeedsNeeded }): BoardInNeed => ({
      slug,
      title,
      summary,
      recipe,
      seeds: openSeeds,
      seedsNeeded: openSeedsNeeded,
      gpu: needsGpu(slug),
    }),
  );
  return [...byNeed(needs.filter(({ gpu }) => !gpu)), ...byNeed(needs.filter(({ gpu }) => gpu))];
}
