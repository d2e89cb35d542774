/** Whole data sets: the embedded one always, the others if DMBENCH_DATASETS_DIR has them. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DatasetUnavailableError, datasetInfo, datasets, loadDataset } from "@/lib/datasets";
import { loadStoredDataset } from "@/lib/datasets/store";
import { idxImages, idxLabels } from "./files";

const countsOf = (labels: Uint8Array, classes: number) => {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
};

describe("registry", () => {
  it("has unique slugs and class names, and lists the slugs for an unknown one", () => {
    expect(new Set(datasets.map(({ slug }) => slug)).size).toBe(datasets.length);
    for (const { classes } of datasets) expect(new Set(classes).size).toBe(classes.length);
    expect(datasets.map(({ classes }) => classes.length)).toEqual([10, 10, 10, 10, 100, 20]);
    expect(() => datasetInfo("cifar")).toThrow(
      'data set: expected one of digits, mnist, fashion-mnist, cifar-10, cifar-100, cifar-100-coarse, found "cifar"',
    );
  });
});

describe("the entry point of lib/datasets", () => {
  it("imports nothing that only exists in Node", async () => {
    const { errors } = await build({
      entryPoints: ["lib/datasets/index.ts"],
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      logLevel: "silent",
    });
    expect(errors).toEqual([]);
  });
});

describe("digits, embedded", () => {
  const load = () => loadDataset("digits", async (name) => readFileSync(join("public/datasets/digits", name)));

  it("has 1,442 training images and 355 test images, in ten classes of nearly the same size", async () => {
    const { info, train, test, subset } = await load();
    expect([train.count, test.count, subset]).toEqual([info.trainCount, info.testCount, null]);
    expect(train.images.length).toBe(1442 * 64);
    expect(countsOf(test.labels, 10)).toEqual([35, 36, 35, 36, 36, 36, 36, 35, 34, 36]);
  });

  it("has the fingerprint of its decoded bytes", async () => {
    const { train, test, hash } = await load();
    const expected = createHash("sha256")
      .update(train.images)
      .update(train.labels)
      .update(test.images)
      .update(test.labels)
      .digest("hex");
    expect(hash).toBe(expected);
    expect(hash).toBe("9f66296b618a7657d1dff99bb57a177ab02e95b9139bbcc993bff2c1786898ee");
  });

  it("has the same fingerprint on a page without https, which has no crypto.subtle", async () => {
    const { hash } = await load();
    vi.stubGlobal("crypto", {});
    expect((await load()).hash).toBe(hash);
    vi.unstubAllGlobals();
  });

  it("reports progress for each file", async () => {
    const seen: unknown[] = [];
    await loadDataset(
      "digits",
      async (name) => readFileSync(join("public/datasets/digits", name)),
      (progress) => seen.push(progress),
    );
    expect(seen).toEqual([{ file: "digits.csv.gz", filesDone: 1, filesTotal: 1 }]);
  });
});

describe("loading", () => {
  const info = { ...datasetInfo("mnist"), shape: [2, 2, 1] as const };
  const files: Record<string, Uint8Array> = {
    "train-images-idx3-ubyte.gz": idxImages(2, 2, 2, [1, 2, 3, 4, 5, 6, 7, 8]),
    "train-labels-idx1-ubyte.gz": idxLabels([0, 1]),
    "t10k-images-idx3-ubyte.gz": idxImages(1, 2, 2, [9, 9, 9, 9]),
    "t10k-labels-idx1-ubyte.gz": idxLabels([2]),
  };
  const loadWith = (changes: Record<string, Uint8Array | null>) =>
    loadDataset(info, async (name) => ({ ...files, ...changes })[name] ?? null);

  it("describes a subset of the published data set", async () => {
    expect((await loadWith({})).subset).toBe("2 of 60,000 training and 1 of 10,000 test images");
  });

  it("names a missing file", async () => {
    const loading = loadWith({ "t10k-labels-idx1-ubyte.gz": null });
    await expect(loading).rejects.toThrow(DatasetUnavailableError);
    await expect(loading).rejects.toThrow("mnist/t10k-labels-idx1-ubyte.gz: there is no such file");
  });

  it("refuses labels that don't match the images, and no images at all", async () => {
    await expect(loadWith({ "train-labels-idx1-ubyte.gz": idxLabels([0, 1, 2]) })).rejects.toThrow(
      "mnist/train-labels-idx1-ubyte.gz: " +
        "expected 2 labels, one for each image of mnist/train-images-idx3-ubyte.gz, found 3.",
    );
    await expect(loadWith({ "train-images-idx3-ubyte.gz": idxImages(0, 2, 2, []) })).rejects.toThrow(
      "expected at least one image, found none",
    );
  });
});

const datasetsDir = process.env.DMBENCH_DATASETS_DIR;
const reason = datasetsDir ? "" : " (skipped: DMBENCH_DATASETS_DIR isn't set)";
let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "dmbench-load-"));
});
afterAll(() => rm(cacheDir, { recursive: true }));
const loadReal = (slug: string) => loadStoredDataset(slug, { datasetsDir, cacheDir, download: false });

describe.skipIf(!datasetsDir)(`the real data sets${reason}`, () => {
  it("MNIST: complete, with the commonly quoted mean .1307 and deviation .3081", async () => {
    const { train, test, subset, normalization } = await loadReal("mnist");
    expect([train.count, test.count, subset]).toEqual([60_000, 10_000, null]);
    expect(normalization.mean[0]).toBeCloseTo(0.1307, 4);
    expect(normalization.std[0]).toBeCloseTo(0.3081, 4);
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(countsOf(test.labels, 10)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  it("Fashion-MNIST: complete and balanced, with the commonly quoted mean .2860 and deviation .3530", async () => {
    const { train, test, subset, normalization } = await loadReal("fashion-mnist");
    expect(subset).toBeNull();
    expect(countsOf(train.labels, 10)).toEqual(new Array(10).fill(6000));
    expect(countsOf(test.labels, 10)).toEqual(new Array(10).fill(1000));
    expect(normalization.mean[0]).toBeCloseTo(0.286, 4);
    expect(normalization.std[0]).toBeCloseTo(0.353, 4);
  });

  it.each(["cifar-10", "cifar-100", "cifar-100-coarse"])(
    "%s: balanced, and described as a subset if it is one",
    async (slug) => {
      const { info, train, test, subset, normalization } = await loadReal(slug);
      const classes = info.classes.length;
      expect(countsOf(train.labels, classes)).toEqual(new Array(classes).fill(train.count / classes));
      expect(countsOf(test.labels, classes)).toEqual(new Array(classes).fill(test.count / classes));
      if (train.count < 50_000)
        expect(subset).toBe(
          `${train.count.toLocaleString("en")} of 50,000 training and ` +
            `${test.count.toLocaleString("en")} of 10,000 test images`,
        );
      // .491 .482 .447 for CIFAR-10, .507 .487 .441 for CIFAR-100
      const publishedMeans = slug === "cifar-10" ? [0.491, 0.482, 0.447] : [0.507, 0.487, 0.441];
      for (const [channel, mean] of publishedMeans.entries())
        expect(Math.abs(normalization.mean[channel]! - mean)).toBeLessThan(0.005);
    },
    60_000,
  );

  it.skipIf(!existsSync(join(datasetsDir ?? "", "cifar-100", "train.bin.gz")))(
    "CIFAR-100: each fine class belongs to one coarse class",
    async () => {
      const fine = await loadReal("cifar-100");
      const coarse = await loadReal("cifar-100-coarse");
      const superclasses = new Map<number, Set<number>>();
      for (const [i, label] of fine.train.labels.entries())
        superclasses.set(label, (superclasses.get(label) ?? new Set()).add(coarse.train.labels[i]!));
      expect([...superclasses.values()].map((set) => set.size)).toEqual(new Array(100).fill(1));
      const maple = fine.info.classes.indexOf("maple tree");
      expect(coarse.info.classes[[...superclasses.get(maple)!][0]!]).toBe("trees");
      expect(Buffer.compare(fine.train.images, coarse.train.images)).toBe(0);
    },
    60_000,
  );
});
