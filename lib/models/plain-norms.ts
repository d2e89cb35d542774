/**
 * The norms of the plain networks, without tensors: their widths, and which of them
 * are batch norms in a variant. Enough to draw a schedule without a backend.
 */
import type { ModelName, Variant } from "@/lib/records";

/** Channels of each norm at width 1, in forward order. */
export const plainWidths = {
  mlp: [256, 128, 64],
  "mlp-deep": [96, 96, 96, 96, 96, 96],
  cnn: [32, 32, 64, 64],
} as const satisfies Partial<Record<ModelName, readonly number[]>>;

/**
 * Whether the norm at `place` (from 0) of a plain network is batch-free: every second one, beginning with batch norm.
 */
export const isBatchFree = (place: number, variant: Variant): boolean =>
  variant === "bfn" || (variant !== "bn" && place % 2 === 1);

/** Channels at a width multiplier. */
export const scaledTo = (channels: number, width: number): number => Math.max(1, Math.round(channels * width));

export interface NamedLayer {
  name: string;
  channels: number;
}

export type PlainModel = keyof typeof plainWidths;

/** A plain network's batch norms in forward order. */
export const plainBatchNorms = (model: PlainModel, width: number, variant: Variant): NamedLayer[] =>
  plainWidths[model]
    .map((channels, place) => ({
      name: `norm${place + 1}`,
      channels: scaledTo(channels, width),
      place,
    }))
    .filter(({ place }) => !isBatchFree(place, variant))
    .map(({ name, channels }) => ({ name, channels }));
