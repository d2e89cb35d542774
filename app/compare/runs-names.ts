/** Names of the compared runs, and how their predictions differ. */
import { percent, significant } from "@/app/_components/text/format";
import { datasetInfo } from "@/lib/datasets/registry";
import { variantLabels } from "@/lib/leaderboard";
import type { Pair } from "@/lib/server/boards/pairs";
import type { RunSummary } from "@/lib/server/runs/read";
import type { Compared } from "./compared";
import { letter } from "./compared";

/** Named by what differs between them. */
export function comparedRuns(runs: readonly RunSummary[]): Compared[] {
  const varies = (of: (run: RunSummary) => unknown) => new Set(runs.map(of)).size > 1;
  return runs.map((run, index) => {
    const parts = [
      varies(({ benchmark, dataset }) => benchmark?.slug ?? dataset) &&
        (run.benchmark?.title ?? datasetInfo(run.dataset).name),
      varies(({ variant }) => variant) && variantLabels[run.variant],
      varies(({ seed }) => seed) && `seed ${run.seed}`,
      varies(({ user }) => user) && `by ${run.user ?? "a deleted account"}`,
    ].filter(Boolean);
    return { key: run.id, name: parts.length > 0 ? parts.join(", ") : `run ${letter(index)}`, href: `/runs/${run.id}` };
  });
}

/** How two runs differ on the same test examples, in a sentence. */
export function describeRunPair({ a, b, difference, mcnemar: [test] }: Pair, nameOf: (id: string) => string): string {
  if (!difference || !test) return "They were not tested on the same examples, so nothing is paired.";
  if (test.onlyARight + test.onlyBRight === 0) return "Both get the same test examples right.";
  const [ahead, behind] = difference.mean >= 0 ? [a, b] : [b, a];
  const apart =
    `The run with ${nameOf(ahead)} gets ${percent(Math.abs(difference.mean), 2)} points more of the test examples ` +
    `right than the one with ${nameOf(behind)}`;
  if (difference.mean === 0)
    return `Both get as many test examples right, if not the same (McNemar p = ${significant(test.pValue, 2)}).`;
  return test.pValue < 0.05
    ? `${apart}, more than chance on this test split would (McNemar p = ${significant(test.pValue, 2)}).`
    : `${apart}, which chance on this test split could do (McNemar p = ${significant(test.pValue, 2)}).`;
}
