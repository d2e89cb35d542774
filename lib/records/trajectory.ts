/**
 * The file of a trajectory: weights and trace as safetensors, the header as
 * JSON in its metadata. Reading one needs no network and no backend.
 */
import { z } from "zod";
import type { Trace } from "@/lib/dmbn";
import type { Issue } from "./issue";
import { issuesOf } from "./issue";
import { recipeSchema, seedSchema, variantSchema } from "./recipe";
import { manifestSchema } from "./run-record";
import type { NamedTensor } from "./safetensors";
import { decodeSafetensors, encodeSafetensors } from "./safetensors";
import { textSchema } from "./text";

export const TRAJECTORY_FORMAT = "dmbench-trajectory-1";

const headerSchema = z.object({
  format: z.literal(TRAJECTORY_FORMAT),
  recipe: recipeSchema,
  variant: variantSchema,
  seed: seedSchema,
  dataset: manifestSchema.shape.dataset,
  steps: z.int().min(1),
  layers: z.array(z.object({ name: textSchema({ max: 64 }), channels: z.int().min(1), count: z.int().min(1) })),
  dmbench: textSchema({ max: 32 }),
  backend: textSchema({ min: 0, max: 1024 }),
});

export type TrajectoryHeader = z.infer<typeof headerSchema>;

/** Values of each parameter by its name, row by row. */
export type Weights = Record<string, Float32Array>;

export interface Trajectory {
  header: TrajectoryHeader;
  weights: Weights;
  trace: Trace;
}

/** A file that is not a trajectory, or one recorded on other data than it is scored on. */
export class TrajectoryError extends Error {
  override name = "TrajectoryError";
}

/**
 * The file: `weights/<parameter>`, `trace/<layer>.mean` and `.variance` `[steps, channels]`; the header as JSON in its
 * metadata.
 */
export function encodeTrajectory({ header, weights, trace }: Trajectory): Uint8Array<ArrayBuffer> {
  const tensors: NamedTensor[] = [
    ...Object.entries(weights).map(([name, values]) => ({ name: `weights/${name}`, shape: [values.length], values })),
    ...trace.layers.flatMap(({ name, channels, mean, variance }) => [
      { name: `trace/${name}.mean`, shape: [trace.steps, channels], values: mean },
      { name: `trace/${name}.variance`, shape: [trace.steps, channels], values: variance },
    ]),
  ];
  return encodeSafetensors(tensors, { trajectory: JSON.stringify(header) });
}

/**
 * Reads a trajectory file.
 * @throws TrajectoryError or SafetensorsError, which names what is wrong
 */
export function decodeTrajectory(file: Uint8Array): Trajectory {
  const { tensors, metadata } = decodeSafetensors(file);
  const json = jsonOrNull(metadata.trajectory);
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) {
    const [{ field, expected, found }] = issuesOf(parsed.error, json) as [Issue];
    throw new TrajectoryError(`not a trajectory: ${field || "header"}: expected ${expected}, found ${found}`);
  }
  const header = parsed.data;
  const floats = new Map(
    tensors.flatMap(({ name, values }) => (values instanceof Float32Array ? [[name, values] as const] : [])),
  );
  const traced = (name: string, channels: number) => {
    const values = floats.get(`trace/${name}`);
    if (values?.length !== header.steps * channels)
      throw new TrajectoryError(
        `trace/${name}: expected ${header.steps} × ${channels} values, found ${values?.length ?? "none"}`,
      );
    return values;
  };
  return {
    header,
    weights: Object.fromEntries(
      [...floats].flatMap(([name, values]) =>
        name.startsWith("weights/") ? [[name.slice("weights/".length), values]] : [],
      ),
    ),
    trace: {
      steps: header.steps,
      layers: header.layers.map((layer) => ({
        ...layer,
        mean: traced(`${layer.name}.mean`, layer.channels),
        variance: traced(`${layer.name}.variance`, layer.channels),
      })),
    },
  };
}

function jsonOrNull(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
