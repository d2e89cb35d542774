/** Runs `dmbench score`: replays a policy on recorded runs. */
import { setImmediate } from "node:timers/promises";
import { checkMomentum, policyHash } from "@/lib/dmbn/policy";
import type { RecordedMetric } from "@/lib/records";
import { decodeTrajectory, figures, metricsIn, recordedMetrics, totalShift } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { figuresOf, loadTrajectory, planRun } from "@/lib/training";
import { openDataset } from "./data-folders";
import { contentOf, readBytes } from "./files";
import { policyNamed } from "./policies";
import { printed } from "./record-table";
import { table } from "./table";
import type { Terminal } from "./terminal";

export interface ScoreOptions {
  policy: string;
  trajectory: string[];
  threads?: number | undefined;
  json?: boolean;
}

/** Scores one policy on each recorded run and prints the figures. */
export async function score(
  { policy: named, trajectory: files, threads, json = false }: ScoreOptions,
  terminal: Terminal,
): Promise<void> {
  const { document: policy } = await policyNamed(named.trim(), "--policy");
  const trajectories = [];
  for (const file of files) {
    const bytes = await readBytes(file);
    trajectories.push({ file, trajectory: await contentOf(file, () => decodeTrajectory(bytes)) });
  }
  const scores = [];
  for (const { file, trajectory } of trajectories) {
    const { recipe, variant, seed } = trajectory.header;
    const dataset = await contentOf(file, () => openDataset(recipe.dataset, terminal));
    const { shape } = await contentOf(file, () => planRun({ recipe, variant, seed, dataset }));
    checkMomentum(policy, shape);
    await startNodeBackend("wasm", { threads });
    const loaded = await contentOf(file, () => loadTrajectory(trajectory, dataset));
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
