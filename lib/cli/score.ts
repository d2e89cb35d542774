/** Runs `dmbench score`: replays a policy on recorded runs. */
import { readFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { checkMomentum, policyHash } from "@/lib/dmbn/policy";
import type { RecordedMetric } from "@/lib/records";
import { decodeTrajectory, figures, metricsIn, recordedMetrics, totalShift } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { figuresOf, loadTrajectory, planRun } from "@/lib/training";
import { openDataset } from "./data-folders";
import { UsageError } from "./exit";
import { policiesNamed } from "./policies";
import { printed } from "./record-table";
import { table } from "./table";
import type { Terminal } from "./terminal";

export interface ScoreOptions {
  policy: string;
  trajectory: string[];
  json?: boolean;
}

/** Scores one policy on each recorded run and prints the figures. */
export async function score(
  { policy: named, trajectory: files, json = false }: ScoreOptions,
  terminal: Terminal,
): Promise<void> {
  const policy = policyFrom(named);
  const trajectories = [];
  for (const file of files)
    trajectories.push({ file, trajectory: decodeTrajectory(await readFile(file).catch(unreadable(file))) });
  const scores = [];
  for (const { file, trajectory } of trajectories) {
    const { recipe, variant, seed } = trajectory.header;
    const dataset = await openDataset(recipe.dataset, terminal);
    checkMomentum(policy, planRun({ recipe, variant, seed, dataset }).shape);
    await startNodeBackend("wasm");
    const loaded = loadTrajectory(trajectory, dataset);
    try {
      const [scored] = await loaded.score([policy]);
      scores.push({ trajectory: file, variant, seed, ...figuresOf(scored!, dataset, loaded.network.batchNorms) });
      terminal.progress(`${scores.length} of ${trajectories.length} recorded runs scored`);
      await setImmediate(); // lets Ctrl-C through
      terminal.signal.throwIfAborted();
    } finally {
      loaded.dispose();
    }
  }
  if (json) {
    terminal.out(`${JSON.stringify({ policy: { hash: policyHash(policy), document: policy }, scores })}\n`);
    return;
  }
  const metrics = metricsIn(scores, recordedMetrics);
  const head = (metric: RecordedMetric) => {
    const { head, unit } = figures[metric];
    return unit === "fraction" ? `${head.replace("-score", "")} %` : head; // "F %"
  };
  const text = (value: number | null, metric: RecordedMetric) =>
    value === null ? "–" : figures[metric].unit === "fraction" ? (100 * value).toFixed(2) : value.toPrecision(4);
  terminal.out(
    table(
      ["trajectory", ...metrics.map(head), "ESM", "β per layer"],
      scores.map((score) => [
        score.trajectory,
        ...metrics.map((metric) => text(score[metric], metric)),
        totalShift(score.esm).toPrecision(4),
        score.momentumPerLayer.map(printed).join("; "),
      ]),
    ),
  );
}

/** A document in a JSON file, a published name, or an expression of β. */
function policyFrom(named: string): MomentumPolicy {
  const [only, ...more] = policiesNamed(named);
  if (!only || more.length > 0) throw new UsageError(`--policy: expected one policy, found ${more.length + 1}.`);
  return only.document;
}

const unreadable = (file: string) => (error: Error) => {
  throw new UsageError(`--trajectory: expected a file, but ${file} can't be read: ${error.message}`);
};
