/** Which benchmarks' held-out runs this installation records, and how many of each. */
import "server-only";
import { datasetInfo } from "@/lib/datasets";
import type { Benchmark } from "@/lib/leaderboard";
import { benchmarks } from "@/lib/leaderboard";
import { hasDataset } from "../datasets";
import type { Env } from "../env";
import { env } from "../env";

/** A benchmark to record, `runs` held-out runs in all. */
export type RecordedBoard = Pick<Benchmark, "slug" | "version"> & { runs: number };

/** Those that DMBENCH_RECORD chooses: all but those that take days without a GPU, which it has to name. */
export const chosenBoards = (chosen: Env["DMBENCH_RECORD"]): Benchmark[] =>
  benchmarks.filter(
    ({ slug, recipe, needsGpu = false }) =>
      (chosen.includes("all") && !needsGpu) ||
      chosen.includes(slug) ||
      (chosen.includes("embedded") && datasetInfo(recipe.dataset).downloadBytes === 0),
  );

/** The benchmarks that the settings choose and whose data is on this machine, which may change at any moment. */
export async function recordingPlan(
  { DMBENCH_RECORD: chosen, DMBENCH_RECORD_RUNS: atMost }: Pick<Env, "DMBENCH_RECORD" | "DMBENCH_RECORD_RUNS"> = env(),
): Promise<RecordedBoard[]> {
  const wanted = chosenBoards(chosen);
  const available = await Promise.all(wanted.map(({ recipe }) => hasDataset(recipe.dataset)));
  return wanted
    .filter((_, index) => available[index])
    .map(({ slug, version, heldOutRuns }) => ({ slug, version, runs: Math.min(heldOutRuns, atMost ?? heldOutRuns) }));
}
