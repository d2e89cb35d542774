import { describe, expect, it } from "vitest";
import type { Snapshot } from "@/lib/leaderboard";
import { changedPlaces, placeInParts, snapshotMarkdown } from "@/lib/leaderboard";

/** Runs a generator to its end. */
function atOnce<Result>(parts: Generator<void, Result>): Result {
  for (;;) {
    const part = parts.next();
    if (part.done) return part.value;
  }
}

/** Accuracies on ten runs around a mean. */
const around = (mean: number) => ({
  seeds: Float64Array.from({ length: 10 }, (_, run) => mean + 0.001 * ((7 * run) % 10) - 0.0045),
  images: null,
});

describe("places on one set of runs", () => {
  it("are by mean, with the ranks that each method may hold; equal means share a place", () => {
    const { places, pairs, toldApart } = atOnce(placeInParts([around(0.9), around(0.95), around(0.9)]));
    expect(places.map(({ place, ranks }) => [place, ranks])).toEqual([
      [2, { from: 2, to: 3 }],
      [1, { from: 1, to: 1 }],
      [2, { from: 2, to: 3 }],
    ]);
    expect([pairs, toldApart]).toEqual([3, 2]);
    for (const { mean, low, high } of places) expect(low < mean && mean < high).toBe(true);
  });

  it("leave out test images unless they are known of every method", () => {
    const images = Float64Array.from([1, 0, 1, 1]);
    const [known, unknown] = [{ ...around(0.75), images }, around(0.75)];
    const [mixed, without] = [
      [known, unknown],
      [unknown, unknown],
    ].map((methods) => atOnce(placeInParts(methods)));
    expect(mixed).toEqual(without);
  });
});

const at = (place: number, from: number, to: number) => ({
  place,
  ranks: { from, to },
  mean: 0.5,
  low: 0.4,
  high: 0.6,
});

it("counts other places, other ranks, and ranks without one in common", () => {
  expect(changedPlaces([at(1, 1, 2), at(2, 1, 2), at(3, 3, 3)], [at(2, 1, 2), at(3, 3, 3), at(1, 1, 2)])).toEqual({
    places: 3,
    ranks: 2,
    disjoint: 2,
  });
});

it("writes both ranks side by side, with names as they are", () => {
  const snapshot: Snapshot = {
    format: "dmbench-snapshot-1",
    date: "2026-11-26T10:00:00.000Z",
    benchmark: { slug: "digits-mlp", version: 1, title: "Digits, MLP" },
    software: { dmbench: "0.2.0", scorer: "4" },
    board: { runs: [1, 2, 4], pairs: 1, toldApart: 1 },
    fresh: { seeds: [2 ** 53 - 1, 2 ** 40], pairs: 1, toldApart: 0 },
    changed: { places: 2, ranks: 2, disjoint: 0 },
    methods: [
      {
        method: "bn/a",
        name: "A | <b>",
        policy: "0",
        author: "ada",
        board: at(1, 1, 1),
        fresh: { ...at(2, 1, 2), accuracies: [] },
      },
      {
        method: "bn/b",
        name: "B",
        policy: "1",
        author: null,
        board: at(2, 2, 2),
        fresh: { ...at(1, 1, 2), accuracies: [] },
      },
    ],
  };
  const text = snapshotMarkdown(snapshot);
  expect(text).toContain("2026-11-26, digits-mlp version 1, DMBench 0.2.0, scorer 4.");
  expect(text).toContain(
    "| A \\| \\<b\\> (bn/a) | ada | 1 (1) | 2 (1–2) | 50.00 (40.00–60.00) | 50.00 (40.00–60.00) |\n" +
      "| B (bn/b) | built in | 2 (2) | 1 (1–2) | 50.00 (40.00–60.00) | 50.00 (40.00–60.00) |\n",
  );
  expect(text).toContain("Told apart: 1 of 1 pairs on the board, 0 on the fresh runs.");
  expect(text).toContain("Fresh seeds: 9007199254740991, 1099511627776.");
});
