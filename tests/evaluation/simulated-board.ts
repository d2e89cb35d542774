/**
 * Boards of known truth: right and wrong answers of methods that share seeds and test images, both drawn anew for each
 * board. An answer is right where level + seed + image + noise > 0, all normal; half of the variance of a seed is common
 * to all methods, and so is that of an image, as on real boards.
 */

import type { CrossedMeans } from "@/lib/evaluation";
import { crossedDifference, crossedMeans, rankInParts } from "@/lib/evaluation";
import { twoSidedTail } from "@/lib/evaluation/student-t";
import { atOnce } from "../support/at-once";
import { packed } from "../support/packed";

export interface Simulation {
  methods: number;
  seeds: number;
  images: number;
  /** Standard deviations, where that of level + seed + image + noise is 1. */
  seedEffect: number;
  imageEffect: number;
}

/** The methods' levels are from 0.6 to 1.2, which is right answers of 73 to 88 %. */
const levels = (methods: number): number[] =>
  Array.from({ length: methods }, (_, k) => 0.6 + (0.6 * k) / (methods - 1));

/** The true accuracies. */
const truth = (methods: number): number[] => levels(methods).map((level) => 1 - twoSidedTail(level, 1e6) / 2);

function draw(simulation: Simulation, normal: () => number): CrossedMeans[] {
  const { methods, seeds, images, seedEffect, imageEffect } = simulation;
  const noise = Math.sqrt(1 - seedEffect ** 2 - imageEffect ** 2);
  const normals = (length: number) => Float64Array.from({ length }, normal);
  const [ofSeeds, ofImages] = [normals(seeds), normals(images)];
  const withOwn = (common: Float64Array, effect: number) =>
    common.map((value) => effect * Math.SQRT1_2 * (value + normal()));
  return levels(methods).map((level) => {
    const bySeed = withOwn(ofSeeds, seedEffect);
    const byImage = withOwn(ofImages, imageEffect);
    const right = Array.from(bySeed, (seed) =>
      packed(byImage.map((image) => +(level + seed + image + noise * normal() > 0))),
    );
    return crossedMeans(right, images);
  });
}

/** Share of the boards on which the simultaneous intervals of all pairs hold the true differences. */
export function coverage(simulation: Simulation, boards: number, draws: number, normal: () => number): number {
  const accuracies = truth(simulation.methods);
  let covered = 0;
  for (let board = 0; board < boards; board++) {
    const methods = draw(simulation, normal);
    const { critical } = atOnce(rankInParts(methods, { draws, seed: board }));
    const holds = methods.every((a, i) =>
      methods.slice(0, i).every((b, j) => {
        const { mean, bySeed, byImage } = crossedDifference(a, b);
        return Math.abs(mean - (accuracies[i]! - accuracies[j]!)) <= critical * Math.sqrt(bySeed + byImage);
      }),
    );
    if (holds) covered++;
  }
  return covered / boards;
}
