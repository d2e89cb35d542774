/** Means and differences over seeds and test images, and the ranks that follow from them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CrossedMeans, Ranking } from "@/lib/evaluation";
import {
  crossedDifference,
  crossedMean,
  crossedMeans,
  fewestSeeds,
  meanInterval,
  rankInParts,
  simultaneous,
} from "@/lib/evaluation";
import { choleskyFactor, scatter } from "@/lib/evaluation/covariance";
import { quantile } from "@/lib/evaluation/student-t";
import { normals } from "@/lib/random/normals";
import { atOnce } from "../support/at-once";
import { packed } from "../support/packed";

const rank = (methods: readonly CrossedMeans[], options?: Parameters<typeof rankInParts>[1]): Ranking =>
  atOnce(rankInParts(methods, options));

/** `[seeds][images]` */
const fromBits = (bits: readonly (readonly boolean[])[]): CrossedMeans =>
  crossedMeans(bits.map(packed), bits[0]!.length);

/** The same answers on every seed. */
const steady = (images: readonly number[], seeds: number = fewestSeeds): CrossedMeans =>
  fromBits(Array.from({ length: seeds }, () => images.map((bit) => bit === 1)));

const onSeeds = (...seeds: number[]): CrossedMeans => ({ seeds: Float64Array.from(seeds), images: null });

const size = fc.record({
  methods: fc.integer({ min: 2, max: 7 }),
  seeds: fc.integer({ min: fewestSeeds, max: 14 }),
  images: fc.integer({ min: 1, max: 20 }),
});

/** Boards of few answers, so that equal methods, equal differences and images that all get right are frequent. */
const board: fc.Arbitrary<CrossedMeans[]> = size.chain(({ methods, seeds, images }) => {
  const answers = (share: number) =>
    fc
      .array(fc.array(fc.nat(99), { minLength: images, maxLength: images }), { minLength: seeds, maxLength: seeds })
      .map((rows) => fromBits(rows.map((row) => row.map((percent) => percent < share))));
  const method = fc.oneof(
    fc.constantFrom(20, 50, 80, 95).chain(answers),
    fc.array(fc.constantFrom(0, 1), { minLength: images, maxLength: images }).map((row) => steady(row, seeds)),
  );
  return fc
    .array(method, { minLength: 1, maxLength: methods })
    .chain((different) => fc.shuffledSubarray([...different, ...different.slice(0, 2)], { minLength: 1 }));
});

describe("means over seeds and images", () => {
  it("by hand: bits 1010 and 0011 are right on 2 of 4 images each, and the third image on both seeds", () => {
    const { seeds, images } = crossedMeans([Uint8Array.of(0b10100000), Uint8Array.of(0b00110000)], 4);
    expect([...seeds]).toEqual([0.5, 0.5]);
    expect([...images!]).toEqual([0.5, 0, 1, 0.5]);
  });

  it("don't count bits after the last image", () => {
    expect(crossedMeans([Uint8Array.of(0b10111111)], 2)).toEqual(crossedMeans([Uint8Array.of(0b10000000)], 2));
  });

  it("are the shares of right answers, for any number of images", () => {
    const rows = fc
      .integer({ min: 1, max: 30 })
      .chain((images) =>
        fc.array(fc.array(fc.boolean(), { minLength: images, maxLength: images }), { minLength: 1, maxLength: 5 }),
      );
    fc.assert(
      fc.property(rows, (bits) => {
        const { seeds, images } = fromBits(bits);
        const share = (answers: boolean[]) => answers.filter(Boolean).length / answers.length;
        expect([...seeds]).toEqual(bits.map(share));
        expect([...images!]).toEqual(bits[0]!.map((_, image) => share(bits.map((row) => row[image]!))));
      }),
    );
  });

  it("have the t interval of the seeds' means where images are not known", () => {
    const accuracies = [0.91, 0.9, 0.93, 0.89];
    const ours = crossedMean(onSeeds(...accuracies));
    const theirs = meanInterval(accuracies);
    expect(ours.n).toBe(4);
    for (const [value, expected] of [
      [ours.mean, theirs.mean],
      [ours.deviation, theirs.deviation],
      [ours.interval!.low, theirs.interval!.low],
      [ours.interval!.high, theirs.interval!.high],
    ])
      expect(value).toBeCloseTo(expected!, 13);
  });

  it("by hand: variances 2/3 · 1/4 by seeds and 1/2 · 1/2 by images have 2 degrees of freedom", () => {
    // (1/6 + 1/4)² / ((1/6)²/3 + (1/4)²/1) = 2.42, rounded down
    const { interval, mean } = crossedMean({ seeds: Float64Array.of(0, 1, 1, 2), images: Float64Array.of(0.5, 1.5) });
    expect(mean).toBe(1);
    expect(interval!.high - 1).toBeCloseTo(quantile(0.975, 2) * Math.sqrt(1 / 6 + 1 / 4), 12);
    expect(1 - interval!.low).toBeCloseTo(interval!.high - 1, 12);
  });

  it("have no interval for one seed, and one of no width where all answers are alike", () => {
    expect(crossedMean(steady([1, 0, 1], 1))).toMatchObject({ n: 1, deviation: null, interval: null });
    expect(crossedMean(steady([1, 1, 1])).interval).toEqual({ low: 1, high: 1 });
  });
});

describe("the difference of two methods", () => {
  it("changes its sign but not its variances when the two are swapped", () => {
    fc.assert(
      fc.property(board, ([a, b]) => {
        const forth = crossedDifference(a!, b ?? a!);
        const back = crossedDifference(b ?? a!, a!);
        expect(back).toEqual({ ...forth, mean: 0 - forth.mean });
      }),
    );
  });

  it("is exactly 0 with no variance for equal answers", () => {
    const method = steady([1, 1, 0]);
    expect(crossedDifference(method, { ...method })).toEqual({ mean: 0, bySeed: 0, byImage: 0 });
  });

  it("keeps a variance of one answer in a million", () => {
    const right = Array.from({ length: 10 }, () => new Uint8Array(12_500).fill(0xff));
    const other = right.map((packed) => packed.slice());
    other[3]![77] = 0xfe;
    const { mean, bySeed, byImage } = crossedDifference(crossedMeans(right, 100_000), crossedMeans(other, 100_000));
    expect(mean / 1e-6).toBeCloseTo(1, 6);
    expect(bySeed / 1e-12).toBeCloseTo(1, 6); // one of ten means is 1e-5 less: variance 1e-11, over 10
    expect(byImage / 1e-12).toBeCloseTo(1, 4); // one of 1e5 means is .1 less: variance 1e-7, over 1e5
  });

  it("that is the same everywhere has the t of the sign-flip test, despite rounding", () => {
    const a = onSeeds(...Array.from({ length: 10 }, (_, s) => (60 + s) / 97));
    const b = onSeeds(...Array.from({ length: 10 }, (_, s) => (57 + s) / 97));
    const { mean, bySeed, byImage } = crossedDifference(a, b);
    expect(mean / Math.sqrt(bySeed + byImage)).toBeCloseTo(quantile(1 - 2 ** -10, 9), 9);
    expect(rank([a, b]).ranks).toEqual([
      { from: 1, to: 1 },
      { from: 2, to: 2 },
    ]);
  });
});

describe("ranks", () => {
  it("follow from the pairs, each with the answer that it gets alone", () => {
    fc.assert(
      fc.property(board, (methods) => {
        const { critical, ranks, pairs, toldApart, smallest } = rank(methods, { draws: 99 });
        const against = methods.map((a) => methods.map((b) => simultaneous(a, b, critical)));
        const better = against.map((row) => row.filter(({ low }) => low > 0));
        const worse = against.map((row) => row.filter(({ high }) => high < 0));
        expect(ranks).toEqual(
          methods.map((_, i) => ({ from: 1 + worse[i]!.length, to: methods.length - better[i]!.length })),
        );
        expect(pairs).toBe((methods.length * (methods.length - 1)) / 2);
        expect(toldApart).toBe(better.flat().length);
        const least = better.flat().reduce((most, { mean }) => Math.min(most, mean), Infinity);
        expect(smallest).toBe(toldApart > 0 ? least : null);
      }),
      { numRuns: 300 },
    );
  });

  it("don't depend on the order of methods", () => {
    const shuffled = board.chain((methods) =>
      fc.tuple(fc.constant(methods), fc.shuffledSubarray([...methods.keys()], { minLength: methods.length })),
    );
    fc.assert(
      fc.property(shuffled, ([methods, order]) => {
        const { ranks, ...others } = rank(methods, { draws: 99 });
        const again = rank(
          order.map((index) => methods[index]!),
          { draws: 99 },
        );
        expect(again).toEqual({ ...others, ranks: order.map((index) => ranks[index]) });
      }),
      { numRuns: 300 },
    );
  });

  it("are the same for methods with the same answers, which are a tie", () => {
    fc.assert(
      fc.property(board, (methods) => {
        const { ranks, critical } = rank([...methods, methods[0]!], { draws: 99 });
        expect(ranks.at(-1)).toEqual(ranks[0]);
        expect(simultaneous(methods[0]!, methods[0]!, critical)).toEqual({ mean: 0, low: 0, high: 0, verdict: "tie" });
      }),
    );
  });

  it("have the same critical value, but for chance, in the coordinates of few methods and in those of few seeds", () => {
    const normal = normals(5);
    const methods = Array.from({ length: 6 }, () =>
      onSeeds(...Array.from({ length: 16 }, () => 0.9 + 0.01 * normal())),
    );
    const few = rank(methods); // 6 methods, 15 contrasts of seeds
    const many = rank([...methods, ...methods, ...methods]); // those that are equal add nothing but their number
    expect(few.critical).not.toBe(many.critical);
    expect(Math.abs(few.critical / many.critical - 1)).toBeLessThan(0.04);
  });

  it("take no longer on many seeds than on few: those of a board by its users may be thousands", () => {
    const normal = normals(6);
    const onMany = (shift: number) => onSeeds(...Array.from({ length: 20_000 }, () => 0.9 + shift + 0.01 * normal()));
    const { ranks, critical } = rank([onMany(0), onMany(0.001), onMany(0.001)]);
    expect(ranks.map(({ from }) => from)).toEqual([3, 1, 1]);
    // Of three equal means with normal noise: the studentized range (Tukey 1949), 3.314 / √2.
    expect(Math.abs(critical - 2.344)).toBeLessThan(0.1);
  });

  it("tell methods apart on the seeds alone that other images might not", () => {
    // On each seed the first is right on one image more, always the same one of 20.
    const half = Array.from({ length: 20 }, (_, image) => image % 2);
    const first = steady(half.map((bit, image) => (image === 0 ? 1 : bit)));
    const second = steady(half);
    expect(rank([first, second]).ranks[1]).toEqual({ from: 1, to: 2 });
    const seeds = [first, second].map((method) => ({ ...method, images: null }));
    expect(rank(seeds).ranks[1]).toEqual({ from: 2, to: 2 });
  });

  it("say what the board can't see: images that all get right or all get wrong, and how many seeds it would take", () => {
    expect(rank([steady([1, 1, 0, 0]), steady([1, 0, 1, 0])])).toMatchObject({
      alike: 2,
      toldApart: 0,
      smallest: null,
    });
    const noise = [1, -1, 2, -2, 3, -3, 4, -4, 0, 0].map((points) => points / 100);
    const a = onSeeds(...noise.map((value) => 0.9 + value));
    const b = onSeeds(...Array.from({ length: 10 }, () => 0.89));
    const { alike, critical, seedsNeeded, toldApart } = rank([a, b]);
    expect([alike, toldApart]).toEqual([null, 0]);
    // The interval of n seeds leaves out 0 where critical · √(60/9)/100 / √n < 1/100.
    expect(seedsNeeded).toBe(Math.ceil((critical ** 2 * 60) / 9));
  });

  it("ask for no more seeds where none would do: equal means, and differences that only images could settle", () => {
    const one = steady([1, 0, 1, 0, 1, 0]);
    expect(rank([one, one])).toMatchObject({ toldApart: 0, seedsNeeded: null });
    expect(rank([steady([1, 1, 0, 0]), steady([1, 0, 0, 0])])).toMatchObject({ toldApart: 0, seedsNeeded: null });
  });

  it("are 1 to 1 for a single method, and none for an empty board", () => {
    expect(rank([steady([1, 0])])).toEqual({
      critical: 0,
      ranks: [{ from: 1, to: 1 }],
      pairs: 0,
      toldApart: 0,
      smallest: null,
      alike: 2,
      seedsNeeded: null,
      exact: 1,
    });
    expect(rank([]).ranks).toEqual([]);
  });

  it("of more than a thousand methods compare the rest with the best alone", () => {
    const normal = normals(3);
    const methods = Array.from({ length: 1100 }, (_, k) =>
      onSeeds(...Array.from({ length: 10 }, () => 0.9 - k / 2000 + 0.002 * normal())),
    );
    const { exact, pairs, ranks, critical } = rank(methods, { draws: 39 });
    expect([exact, pairs]).toEqual([1000, 499_500 + 100]);
    expect(ranks[0]!.from).toBe(1);
    expect(ranks[0]!.to).toBeLessThan(50); // the rest counts for the best …
    expect(ranks[500]!.to).toBeGreaterThan(600); // … but nobody else: it might be as good
    expect(ranks[1099]).toEqual({ from: 2, to: 1100 });
    expect(simultaneous(methods[0]!, methods[1099]!, critical).verdict).toBe("better");
  });
});

describe("normal vectors of a given covariance", () => {
  it("have it by the Cholesky factor, also if vectors are equal or more than their elements", () => {
    const vectors = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 9 })).chain(([length, count]) =>
      fc.array(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: length, maxLength: length }), {
        minLength: count,
        maxLength: count,
      }),
    );
    fc.assert(
      fc.property(vectors, (values) => {
        const products = atOnce(scatter(values.map((row) => Float64Array.from(row))));
        const { rows, rank } = atOnce(choleskyFactor(products));
        expect(rank).toBeLessThan(Math.min(values.length, values[0]!.length)); // of deviations from the mean, both ways
        products.forEach((row, i) => {
          row.forEach((product, j) => {
            expect(rows[i]!.reduce((sum, value, k) => sum + value * rows[j]![k]!, 0)).toBeCloseTo(product, 9);
            // Σ (d − d̄)² of the difference d of two vectors.
            const difference = values[i]!.map((value, k) => value - values[j]![k]!);
            const mean = difference.reduce((sum, value) => sum + value, 0) / difference.length;
            const squares = difference.reduce((sum, value) => sum + (value - mean) ** 2, 0);
            expect(products[i]![i]! + products[j]![j]! - 2 * product).toBeCloseTo(squares, 9);
          });
        });
      }),
    );
  });
});

describe("bad input", () => {
  const ten = onSeeds(...Array.from({ length: 10 }, (_, s) => s / 10));
  it.each([
    [() => crossedMeans([], 1), "right: expected at least one seed, found none"],
    [() => crossedMeans([Uint8Array.of(1)], 0), "images: expected a whole number from 1, found 0"],
    [() => crossedMeans([Uint8Array.of(1)], 9), "right[0]: expected 2 bytes for 9 images, found 1"],
    [() => crossedDifference(onSeeds(1), onSeeds(1)), "a: expected at least 2 seeds, found 1"],
    [() => crossedDifference(ten, onSeeds(1, 1)), "b: expected 10 seeds as of a, found 2"],
    [() => crossedDifference(ten, steady([1, 0])), "b: expected no images as of a, found 2 images"],
    [() => rank([onSeeds(1, 1, 1, 1, 1)]), "methods[0]: expected at least 10 seeds, found 5"],
    [() => rank([ten, steady([1, 0], 11)]), "methods[1]: expected 10 seeds, found 11"],
    [() => rank([ten, steady([1, 0])]), "methods[1]: expected no images, found 2"],
    [() => rank([{ ...ten, seeds: ten.seeds.map(() => NaN) }]), "methods[0]: expected finite means"],
    [() => rank([ten], { level: 1 }), "level: expected a number between 0 and 1, found 1"],
    [() => rank([ten], { draws: 19 }), "draws: expected a whole number from 20, found 19"],
  ])("%s", (call, message) => {
    expect(call).toThrow(new RangeError(message));
  });
});
