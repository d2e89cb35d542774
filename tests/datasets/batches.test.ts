/** Order, split, batches and augmentation: the same for the same seed, with the documented distribution. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { augment, gather, gatherLabels, shuffledOrder, split } from "@/lib/datasets";
import { channelNormalization } from "@/lib/datasets/normalization";

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const sorted = (values: Uint32Array) => [...values].sort((a, b) => a - b);
const trainOf = (count: number) => ({ train: { images: new Uint8Array(count), labels: new Uint8Array(count), count } });

describe("order of an epoch", () => {
  it("is a permutation, the same for the same seed and epoch", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), uint32, fc.integer({ min: 0, max: 1000 }), (count, seed, epoch) => {
        const order = shuffledOrder(count, seed, epoch);
        expect(sorted(order)).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(shuffledOrder(count, seed, epoch)).toEqual(order);
      }),
    );
  });

  it("never changes: published runs depend on it", () => {
    expect([...shuffledOrder(10, 0, 0)]).toEqual([5, 6, 2, 4, 0, 7, 9, 8, 1, 3]);
    expect([...shuffledOrder(10, 0, 1)]).toEqual([1, 9, 5, 4, 0, 3, 2, 8, 6, 7]);
    expect([...shuffledOrder(10, 0xffff_ffff, 0)]).toEqual([5, 7, 3, 1, 9, 2, 0, 6, 8, 4]);
  });

  it("puts every example at every position equally often over consecutive seeds", () => {
    const count = 8;
    const seeds = 4000;
    const times = new Uint32Array(count * count);
    for (let seed = 0; seed < seeds; seed++)
      shuffledOrder(count, seed, seed % 3).forEach((example, place) => {
        times[example * count + place]!++;
      });
    const expected = seeds / count;
    const chiSquare = times.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(85.4); // 0.999 quantile with (8 − 1)² = 49 degrees of freedom
  });
});

describe("training, calibration and validation", () => {
  it("divide the training split without overlap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.nat(300),
        fc.nat(300),
        (count, calibrationSize, validationSize) => {
          fc.pre(calibrationSize + validationSize < count);
          const { train, calibration, validation } = split(trainOf(count), { calibrationSize, validationSize });
          expect([calibration.length, validation.length]).toEqual([calibrationSize, validationSize]);
          expect(sorted(Uint32Array.of(...train, ...calibration, ...validation))).toEqual(
            Array.from({ length: count }, (_, i) => i),
          );
        },
      ),
    );
  });

  it("never change: published runs depend on them", () => {
    const { calibration, validation } = split(trainOf(1442), { calibrationSize: 4, validationSize: 4 });
    expect([...calibration, ...validation]).toEqual([365, 210, 408, 859, 1409, 1010, 345, 565]);
  });

  it("use calibration examples that do not depend on the size of the validation split", () => {
    const without = split(trainOf(100), { calibrationSize: 20, validationSize: 0 });
    expect(split(trainOf(100), { calibrationSize: 20, validationSize: 30 }).calibration).toEqual(without.calibration);
  });

  it.each([
    [
      { calibrationSize: 60, validationSize: 40 },
      "calibrationSize + validationSize: expected less than the 100 training examples, found 60 + 40 = 100",
    ],
    [{ calibrationSize: -1, validationSize: 0 }, "calibrationSize: expected a whole number from 0, found -1"],
    [{ calibrationSize: 1, validationSize: 0.5 }, "validationSize: expected a whole number from 0, found 0.5"],
  ])("refuse %o", (sizes, message) => {
    expect(() => split(trainOf(100), sizes)).toThrow(new RangeError(message));
  });
});

/** Three images of 1×2 with two channels. */
const three = {
  images: Uint8Array.of(0, 255, 51, 102, 10, 20, 30, 40, 0, 0, 0, 0),
  labels: Uint8Array.of(2, 0, 1),
  count: 3,
};

describe("batches", () => {
  it("normalize each channel: (x/255 − mean)/std", () => {
    const batch = gather(three, [1, 0], { mean: [0.5, 0], std: [0.5, 2] });
    const expected = [
      (10 / 255) * 2 - 1,
      20 / 510,
      (30 / 255) * 2 - 1,
      40 / 510,
      -1,
      0.5,
      (51 / 255) * 2 - 1,
      102 / 510,
    ];
    for (const [i, value] of expected.entries()) expect(batch[i]).toBeCloseTo(value, 6);
    expect([...gatherLabels(three, [1, 0, 1])]).toEqual([0, 2, 0]);
  });

  it("fill a given array", () => {
    const out = new Float32Array(4);
    expect(gather(three, [0], { mean: [0, 0], std: [1, 1] }, out)).toBe(out);
    expect(out[1]).toBe(1);
  });

  it("have mean 0 and deviation 1 in each channel over the whole training split", () => {
    const images = Uint8Array.from({ length: 600 }, (_, i) => (i * 37 + (i % 3) * 11) % 256);
    const train = { images, labels: new Uint8Array(50), count: 50 };
    const batch = gather(
      train,
      Array.from({ length: 50 }, (_, i) => i),
      channelNormalization(train, 3),
    );
    for (let channel = 0; channel < 3; channel++) {
      const values = [...batch].filter((_, i) => i % 3 === channel);
      const mean = values.reduce((a, b) => a + b) / values.length;
      expect(mean).toBeCloseTo(0, 6);
      expect(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)).toBeCloseTo(1, 6);
    }
  });

  it("only centre a constant channel", () => {
    expect(channelNormalization({ images: Uint8Array.of(51, 51, 51), labels: new Uint8Array(3), count: 3 }, 1)).toEqual(
      { mean: [0.2], std: [1] },
    );
  });

  it.each([
    [
      () => gather(three, [0, 3], { mean: [0, 0], std: [1, 1] }),
      "indices[1]: expected an example from 0 to 2, found 3",
    ],
    [() => gatherLabels(three, [-1]), "indices[0]: expected an example from 0 to 2, found -1"],
    [() => gather(three, [0], { mean: [0, 0], std: [1, 1] }, new Float32Array(5)), "out: expected 4 values, found 5"],
  ])("%s", (call, message) => {
    expect(call).toThrow(new RangeError(message));
  });
});

describe("augmentation", () => {
  const shape = [9, 9, 2] as const;
  const size = 9 * 9 * 2;
  const images = Float32Array.from({ length: 64 * size }, (_, i) => 1 + (i % size));

  /** The flip and shift that produce an image, found by exhaustive search. */
  function explain(image: Float32Array): { flip: boolean; down: number; right: number } | undefined {
    for (const flip of [false, true]) {
      for (let down = -4; down <= 4; down++) {
        for (let right = -4; right <= 4; right++) {
          const matches = image.every((value, i) => {
            const [y, x, channel] = [Math.floor(i / 18) + down, (Math.floor(i / 2) % 9) + right, i % 2];
            const inside = y >= 0 && y < 9 && x >= 0 && x < 9;
            return value === (inside ? 1 + (y * 9 + (flip ? 8 - x : x)) * 2 + channel : 0);
          });
          if (matches) return { flip, down, right };
        }
      }
    }
    return undefined;
  }

  it("flips and shifts each image by up to four pixels, with 0 from outside", () => {
    const augmented = augment(images, shape, 1, 0);
    const shifts = Array.from({ length: 64 }, (_, i) => explain(augmented.subarray(i * size, (i + 1) * size)));
    expect(shifts).not.toContain(undefined);
    const flips = shifts.filter((image) => image!.flip).length;
    expect(flips).toBeGreaterThan(16);
    expect(flips).toBeLessThan(48);
    for (const way of ["down", "right"] as const) {
      expect(Math.min(...shifts.map((image) => image![way]))).toBe(-4);
      expect(Math.max(...shifts.map((image) => image![way]))).toBe(4);
    }
  });

  it("is the same for the same seed and step, and doesn't change its input", () => {
    const before = images.slice();
    const once = augment(images, shape, 7, 3);
    expect(augment(images, shape, 7, 3)).toEqual(once);
    expect(augment(images, shape, 7, 4)).not.toEqual(once);
    expect(augment(images, shape, 8, 3)).not.toEqual(once);
    expect(images).toEqual(before);
  });
});
