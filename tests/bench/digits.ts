/** A newcomer's first run, without the browser: digits, ten epochs, both variants, every built-in policy scored. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { loadDataset } from "@/lib/datasets";
import { builtInPolicies, isPeriodic } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard/benchmarks";
import { examplesOf, planRun, scorePolicies, TrainingRun } from "@/lib/training";

export interface DigitsTimes {
  trainingSeconds: number;
  /** All policies, fitted and evaluated. */
  scoringSeconds: number;
  /**
   * Cost of 16 policies relative to training, at 1: capturing and replaying the trace, since no policy runs during
   * training.
   */
  sixteenPolicies: number;
}

export async function digits(): Promise<DigitsTimes> {
  const { recipe } = benchmarks.find(({ slug }) => slug === "digits-mlp")!;
  const dataset = await loadDataset("digits", (name) =>
    readFile(fileURLToPath(new URL(`../../public/datasets/digits/${name}`, import.meta.url))),
  );
  const times: DigitsTimes = { trainingSeconds: 0, scoringSeconds: 0, sixteenPolicies: 0 };
  for (const variant of ["bn", "bn-bfn"] as const) {
    const run = new TrainingRun(planRun({ recipe, variant, seed: 0, dataset }));
    let from = performance.now();
    for await (const { step } of run.steps())
      if (step === run.plan.shape.steps) times.trainingSeconds += (performance.now() - from) / 1000;
    from = performance.now();
    await scorePolicies(
      run.network,
      run.source,
      builtInPolicies.map(({ document }) => document).filter((policy) => !isPeriodic(policy)),
      examplesOf(run.plan),
    );
    times.scoringSeconds += (performance.now() - from) / 1000;
    times.sixteenPolicies += replaySeconds(run, 16) - replaySeconds(run, 1);
    run.dispose();
  }
  times.sixteenPolicies /= times.trainingSeconds;
  return times;
}

/** Seconds to compute the running statistics of the first `count` schedules. */
function replaySeconds(run: TrainingRun, count: number): number {
  const schedules = builtInPolicies
    .flatMap(({ document }) => (document.kind === "schedule" ? [document] : []))
    .slice(0, count);
  const { source } = run;
  const from = performance.now();
  for (const schedule of schedules) source.statistics(schedule);
  return (performance.now() - from) / 1000;
}
