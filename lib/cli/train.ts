/** Runs `dmbench train`: from settings to a plan, from the plan to a record and files. */
import { needsTrace, traceMissing } from "@/lib/dmbn";
import { checkMomentum } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import type { Recipe, Variant } from "@/lib/records";
import { evaluationsPerRun } from "@/lib/records";
import { describeMemory, keepsTrace, planRun, recordOf, trainAndScore } from "@/lib/training";
import { describeBackend, placeOf, startBackendInNode } from "./backend";
import type { BackendWish } from "./backend-names";
import { openDataset } from "./data-folders";
import { yieldToEventLoop } from "./event-loop";
import { checkingSettings } from "./exit";
import { prepareFolder } from "./output";
import { policiesNamed } from "./policies";
import { benchmarkOf, recipeFor } from "./recipes";
import { recordTable } from "./record-table";
import { writeRun } from "./run-files";
import type { Terminal } from "./terminal";
import { duration } from "./terminal";

export type TrainOptions = Partial<Recipe> & {
  benchmark?: string;
  variant: Variant;
  seed: number;
  policies: string;
  backend: BackendWish;
  threads?: number | undefined;
  json?: boolean;
  out?: string;
};

/** Trains and scores one run. Validates everything before the backend starts. */
export async function train(
  { benchmark, variant, seed, policies: list, backend: wanted, threads, json = false, out, ...flags }: TrainOptions,
  terminal: Terminal,
): Promise<void> {
  const recipe = recipeFor(
    benchmarks.find(({ slug }) => slug === benchmark),
    flags,
  );
  const named = await policiesNamed(list);
  const dataset = await openDataset(recipe.dataset, terminal);
  const plan = checkingSettings(() => planRun({ recipe, variant, seed, dataset }));
  const unfit = keepsTrace(plan) ? [] : named.filter(({ document }) => needsTrace(document));
  if (unfit[0] && list.trim() !== "all") throw traceMissing(unfit[0].document);
  const policies = named.filter((policy) => !unfit.includes(policy));
  for (const { document } of policies) checkMomentum(document, plan.shape);

  if (out !== undefined) await prepareFolder(out);

  const backend = await startBackendInNode(wanted, { ...terminal, threads });
  const { steps } = plan.shape;
  if (!keepsTrace(plan))
    terminal.err("The trace of this run would be too large: only the averages that the policies need are kept.\n");
  if (unfit.length > 0)
    terminal.err(`Left out, for they need the trace: ${unfit.map(({ slug }) => slug).join(", ")}.\n`);
  terminal.err(
    `${recipe.dataset}${dataset.subset ? ` (a subset: ${dataset.subset})` : ""}, ${recipe.model}, ${variant}, ` +
      `seed ${seed}: ${steps} steps on ${describeBackend(backend)}; they take ` +
      `${describeMemory(plan, backend.limits)} of memory\n`,
  );
  const fault = new AbortController();
  backend.onFault((reason) => fault.abort(new Error(reason)));

  const signal = AbortSignal.any([terminal.signal, fault.signal]);
  for await (const event of yieldToEventLoop(
    trainAndScore(plan, {
      policies,
      evaluations: evaluationsPerRun,
      now: terminal.now,
      limits: backend.limits,
      signal,
    }),
  )) {
    switch (event.kind) {
      case "steps":
        terminal.progress(
          `step ${event.step} of ${steps}, loss ${event.losses.at(-1)!.toFixed(3)}, ` +
            `${duration(event.secondsLeft)} left`,
        );
        break;
      case "scoring":
        terminal.progress(
          `scoring ${policies.length} policies: ${Math.round(100 * event.fraction)} %, ` +
            `${duration(event.secondsLeft)} left`,
        );
        break;
      case "finished": {
        const { result } = event;
        const { record, predictions } = recordOf({ ...result, benchmark: benchmarkOf(recipe), ...placeOf(backend) });
        const recordText = `${JSON.stringify(record)}\n`;
        terminal.out(json ? recordText : recordTable(record));
        if (out === undefined) break;
        const files = await writeRun(out, result.run, record, predictions).catch((error: unknown) => {
          if (!json) terminal.out(recordText); // or it would be lost
          throw error;
        });
        for (const file of files) terminal.err(`wrote ${file}\n`);
      }
    }
  }
}
