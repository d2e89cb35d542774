/** Runs `dmbench results --verify`: computes published runs again and compares every figure. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { gunzip } from "@/lib/datasets/gzip";
import type { Benchmark } from "@/lib/leaderboard";
import type { Result, Results } from "@/lib/records";
import { decodeResults, resultsFile } from "@/lib/records";
import { readChecksums } from "../checksums";
import { Failure } from "../exit";
import { contentOf, readBytes } from "../files";
import type { Terminal } from "../terminal";
import { computeRuns } from "./record";

/**
 * Computes the first `runs` runs of a file again.
 * @throws Failure that says what differs
 */
export async function verifyResults(
  { benchmark, runs, out, jobs }: { benchmark: Benchmark; runs: number | null; out: string; jobs: number },
  terminal: Terminal,
): Promise<void> {
  const name = resultsFile(benchmark);
  const path = join(out, name);
  const bytes = await readBytes(path);
  const expected = (await readChecksums(out)).get(name);
  const hash = createHash("sha256").update(bytes).digest("hex");
  if (hash !== expected)
    throw new Failure(`${path}: expected SHA-256 ${expected ?? "in SHA256SUMS, which has none"}, found ${hash}.`);
  const published = await contentOf(path, async () => decodeResults(await gunzip(name, bytes)));
  const kept = await mkdtemp(join(tmpdir(), "dmbench-results-")); // nothing that was computed before counts
  try {
    const seeds = published.seeds.slice(0, runs ?? undefined);
    const again = await computeRuns({ benchmark, seeds, kept, published: [], jobs }, terminal);
    const differences = again.flatMap((run, index) => differencesOf(published, run, index));
    if (differences.length > 0)
      throw new Failure([`${path}: ${differences.length} figures differ:`, ...differences.slice(0, 10)].join("\n  "));
    const methods = published.variants.length * published.policies.length;
    terminal.out(
      `${path}: ${seeds.length} of ${published.seeds.length} runs computed again, ${methods} methods each: all the same.\n`,
    );
  } finally {
    await rm(kept, { recursive: true, force: true });
  }
}

/** Sees that this software would compute the same: everything else is a figure. */
function requireSame(published: Results, again: Results): void {
  const scorers = [published, again].map(({ software }) => software.scorer);
  if (scorers[0] !== scorers[1])
    throw new Failure(`scored by version ${scorers[0]} of the scorer, this is version ${scorers[1]}: ${anew}.`);
  const different = (["recipe", "dataset", "policies", "variants"] as const).find(
    (field) => !isDeepStrictEqual(published[field], again[field]),
  );
  if (different) throw new Failure(`its ${different} aren't this software's: ${anew}.`);
}

const anew = "compute the results anew, without --verify";

/** Where a run computed again differs from the published one at `index`. */
function differencesOf(published: Results, again: Results, index: number): string[] {
  requireSame(published, again);
  return published.variants.flatMap(({ variant }, at) =>
    published.policies.flatMap(({ slug }, policy) => {
      const before = published.results[at]![index]![policy]!;
      const after = again.results[at]![0]![policy]!;
      return (
        (Object.keys(before) as (keyof Result)[])
          // A file of before a figure was there has nothing to compare.
          .filter((figure) => before[figure] !== null && !isDeepStrictEqual(before[figure], after[figure]))
          .map((figure) => `${variant}/${slug}, seed ${published.seeds[index]}: ${figure}`)
      );
    }),
  );
}
