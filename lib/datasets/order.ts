/** How the training split is divided, and the order in which epochs visit it: both depend only on seeds. */

import { generator, shuffle } from "../random/generator";
import type { Dataset } from "./dataset";

/** Purposes of generators, so that the same seed gives each purpose different numbers. */
const splitPurpose = 1;
const orderPurpose = 2;

/** The same for all runs: the examples held back never depend on a run's seed. */
const splitSeed = 20_260_101;

export interface TrainingIndices {
  train: Uint32Array;
  /** For population statistics. */
  calibration: Uint32Array;
  /** For choices that must not touch the test split. */
  validation: Uint32Array;
}

/**
 * Divides the training split, without overlap. The same sizes always give the
 * same division, and `validationSize` doesn't affect the calibration examples.
 * @param sizes whole numbers from 0 that leave at least one example to train on
 * @returns indices into `dataset.train`
 * @throws RangeError naming the size
 */
export function split(
  { train: { count } }: Pick<Dataset, "train">,
  sizes: { calibrationSize: number; validationSize: number },
): TrainingIndices {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 0)
      throw new RangeError(`${name}: expected a whole number from 0, found ${size}`);
  }
  const { calibrationSize, validationSize } = sizes;
  if (calibrationSize + validationSize >= count) {
    throw new RangeError(
      `calibrationSize + validationSize: expected less than the ${count} training examples, ` +
        `found ${calibrationSize} + ${validationSize} = ${calibrationSize + validationSize}`,
    );
  }
  const order = shuffle(ascending(count), generator(splitSeed, splitPurpose));
  return {
    calibration: order.slice(0, calibrationSize),
    validation: order.slice(calibrationSize, calibrationSize + validationSize),
    train: order.slice(calibrationSize + validationSize),
  };
}

/**
 * The order in which an epoch visits examples: a permutation of 0 … count − 1,
 * by Fisher–Yates with xoroshiro128+. The same on every machine.
 * @param seed whole, from 0 to 2^53 − 1
 * @param epoch from 0
 */
export function shuffledOrder(count: number, seed: number, epoch: number): Uint32Array {
  return shuffle(ascending(count), generator(seed, orderPurpose, epoch));
}

const ascending = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);
