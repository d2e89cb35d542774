/**
 * Simultaneous intervals hold all true differences of a board in 95 % of cases: a short version of
 * tests/bench/coverage.ts. With 200 boards the share has a standard error of 1.5 points, and is the same in every run.
 */
import { expect, it } from "vitest";
import { normals } from "@/lib/random/normals";
import { coverage } from "./simulated-board";

it.each([
  { images: "that differ", imageEffect: 0.8 },
  { images: "that are alike", imageEffect: 0 },
])("ten methods on ten seeds and 300 test images $images", ({ imageEffect }) => {
  const simulation = { methods: 10, seeds: 10, images: 300, seedEffect: 0.3, imageEffect };
  const covered = coverage(simulation, 200, 399, normals(1));
  expect(covered).toBeGreaterThan(0.92);
  expect(covered).toBeLessThan(0.99);
});
