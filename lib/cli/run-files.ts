/** The files of a run: its record, and weights, trace and predictions as safetensors. */
import { join } from "node:path";
import type { Trace } from "@/lib/dmbn";
import type { NamedTensor, RunRecord } from "@/lib/records";
import { encodeSafetensors } from "@/lib/records";
import type { TrainingRun } from "@/lib/training";
import { writeWhole } from "./output";

/**
 * Writes a run into a folder that exists; returns the paths.
 * @throws Failure naming the file that could not be written
 */
export async function writeRun(
  folder: string,
  run: TrainingRun,
  record: RunRecord,
  predictions: Record<string, Uint8Array>,
): Promise<string[]> {
  const { manifest } = record;
  const about = {
    benchmark: record.benchmark ? `${record.benchmark.slug}@${record.benchmark.version}` : "",
    recipe: JSON.stringify(manifest.recipe),
    variant: manifest.variant,
    seed: String(manifest.seed),
    steps: String(manifest.steps),
    dataset: manifest.dataset.slug,
    datasetVersion: manifest.dataset.version,
    datasetHash: manifest.dataset.hash,
    backend: manifest.backend.name,
    dmbench: manifest.software.dmbench,
    tfjs: manifest.software.tfjs,
  };
  const files: [name: string, content: string | Uint8Array][] = [
    ["record.json", `${JSON.stringify(record, null, 2)}\n`],
    ["weights.safetensors", encodeSafetensors(await weightsOf(run), { ...about, content: "weights" })],
    [
      "predictions.safetensors",
      encodeSafetensors(
        Object.entries(predictions).map(([name, values]) => ({ name, shape: [values.length], values })),
        { ...about, content: "predicted class of each test example, by method" },
      ),
    ],
  ];
  const { trace } = run;
  if (trace)
    files.push(["trace.safetensors", encodeSafetensors(traceTensors(trace), { ...about, ...traceMetadata(trace) })]);
  const paths: string[] = [];
  for (const [name, content] of files) {
    const path = join(folder, name);
    await writeWhole(path, content);
    paths.push(path);
  }
  return paths;
}

/** Every parameter by name. GPU → CPU. */
async function weightsOf({ network }: TrainingRun): Promise<NamedTensor[]> {
  const weights = await network.weights();
  return network.graph.nodes.flatMap(({ parameters }) =>
    parameters.map(({ name, shape }) => ({ name, shape, values: weights[name]! })),
  );
}

/** `<layer>.mean` and `<layer>.variance`, `[steps, channels]`, layers in forward order. */
function traceTensors({ steps, layers }: Trace): NamedTensor[] {
  return layers.flatMap(({ name, channels, mean, variance }) => [
    { name: `${name}.mean`, shape: [steps, channels], values: mean },
    { name: `${name}.variance`, shape: [steps, channels], values: variance },
  ]);
}

function traceMetadata({ layers }: Trace): Record<string, string> {
  return {
    content: "mean and unbiased variance of every batch",
    layers: JSON.stringify(layers.map(({ name }) => name)),
    /** Values behind each channel's statistics, by layer: n of n/(n − 1). */
    counts: JSON.stringify(layers.map(({ count }) => count)),
  };
}
