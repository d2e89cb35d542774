/** Whether a file is the trajectory of a run, as far as that can be told without scoring on it. */
import { datasetInfo } from "@/lib/datasets/registry";
import { batchNormsOf, buildGraph } from "@/lib/models";
import type { Manifest, Trajectory } from "@/lib/records";
import { decodeTrajectory, encodeTrajectory, SafetensorsError, TrajectoryError } from "@/lib/records";

export type DescribedRun = Pick<Manifest, "recipe" | "variant" | "seed" | "steps" | "dataset">;

/**
 * What is wrong with `file` as the trajectory of `run`, in a sentence; null if nothing is. It must have the weights and
 * the layers of the run's network and nothing else, all finite.
 */
export function trajectoryFault(file: Uint8Array, run: DescribedRun): string | null {
  try {
    const trajectory = decodeTrajectory(file);
    return (
      headerFault(trajectory, run) ??
      weightsFault(trajectory, run) ??
      traceFault(trajectory) ??
      lengthFault(file, trajectory)
    );
  } catch (error) {
    if (!(error instanceof TrajectoryError || error instanceof SafetensorsError)) throw error;
    return `${error.message}.`;
  }
}

/** A file that holds anything else is longer. */
function lengthFault(file: Uint8Array, trajectory: Trajectory): string | null {
  const { length } = encodeTrajectory(trajectory);
  return file.length === length
    ? null
    : `file: expected ${length} bytes, as DMBench writes these weights and this trace, found ${file.length}.`;
}

function headerFault({ header }: Trajectory, run: DescribedRun): string | null {
  const named = (recipe: object) => Object.entries(recipe).sort(([a], [b]) => (a < b ? -1 : 1));
  const facts = (of: DescribedRun) =>
    [
      ...named(of.recipe),
      ["variant", of.variant],
      ["seed", of.seed],
      ["steps", of.steps],
      ...named(of.dataset).map(([field, value]) => [`dataset, ${field}`, value]),
    ] as [string, unknown][];
  const found = new Map(facts(header));
  const different = facts(run).find(([field, value]) => found.get(field) !== value);
  return different
    ? `${different[0]}: expected ${different[1]} as in the run, found ${found.get(different[0])}.`
    : null;
}

function weightsFault({ header, weights }: Trajectory, { recipe, variant }: DescribedRun): string | null {
  const { shape, classes } = datasetInfo(recipe.dataset);
  const graph = buildGraph(recipe, variant, shape, classes.length);
  const parameters = graph.nodes.flatMap((node) => node.parameters);
  for (const { name, shape: extents } of parameters) {
    const size = extents.reduce((product, extent) => product * extent, 1);
    const values = weights[name];
    if (values?.length !== size) return `weights/${name}: expected ${size} values, found ${values?.length ?? "none"}.`;
    if (!values.every(Number.isFinite)) return `weights/${name}: expected numbers, found NaN or infinity.`;
  }
  const extra = Object.keys(weights).find((name) => !parameters.some((parameter) => parameter.name === name));
  if (extra !== undefined) return `weights/${extra}: the network of the run has none of this name.`;
  const layers = batchNormsOf(graph).map(({ name, channels, positions }) => ({
    name,
    channels,
    count: positions * recipe.batchSize,
  }));
  return JSON.stringify(header.layers) === JSON.stringify(layers)
    ? null
    : `layers: expected ${inWords(layers)}, found ${inWords(header.layers)}.`;
}

const inWords = (layers: Trajectory["header"]["layers"]): string =>
  layers.map(({ name, channels, count }) => `${name} (${channels} channels, ${count} values each)`).join(", ") ||
  "none";

function traceFault({ trace: { layers } }: Trajectory): string | null {
  for (const { name, mean, variance } of layers) {
    if (!mean.every(Number.isFinite)) return `trace/${name}.mean: expected numbers, found NaN or infinity.`;
    if (!variance.every((value) => Number.isFinite(value) && value >= 0))
      return `trace/${name}.variance: expected numbers of at least 0, found others.`;
  }
  return null;
}
