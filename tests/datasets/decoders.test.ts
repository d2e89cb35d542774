/** The decoders follow the formats, and name the file that doesn't. */
import { describe, expect, it } from "vitest";
import { DatasetError } from "@/lib/datasets";
import { decodeCifar } from "@/lib/datasets/cifar";
import { decodeDigits } from "@/lib/datasets/digits";
import { decodeIdxImages, decodeIdxLabels } from "@/lib/datasets/idx";
import { idxImages, idxLabels } from "./files";

describe("IDX", () => {
  it("reads images in file order", () => {
    const pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    expect([...decodeIdxImages("f", idxImages(3, 2, 2, pixels), [2, 2, 1])]).toEqual(pixels);
  });

  it("reads a file inside a larger buffer", () => {
    const file = idxLabels([3, 1, 2]);
    const larger = new Uint8Array(file.length + 5);
    larger.set(file, 5);
    expect([...decodeIdxLabels("f", larger.subarray(5), 4)]).toEqual([3, 1, 2]);
  });

  it.each([
    [
      "a file too short for its header",
      () => decodeIdxLabels("f", Uint8Array.of(0, 0, 8), 10),
      "f: expected an IDX header of 8 bytes, found 3 bytes.",
    ],
    [
      "labels instead of images",
      () => decodeIdxImages("f", new Uint8Array([...idxLabels([1]), ...new Uint8Array(8)]), [2, 2, 1]),
      "f: expected magic number 2051 (unsigned bytes, 3 dimensions), found 2049.",
    ],
    [
      "images of the wrong size",
      () => decodeIdxImages("f", idxImages(1, 3, 2, [1, 2, 3, 4, 5, 6]), [2, 2, 1]),
      "f: expected images of 2×2, found 3×2.",
    ],
    [
      "a truncated file",
      () => decodeIdxLabels("f", idxLabels([1, 2, 3]).subarray(0, 10), 10),
      "f: expected 11 bytes for 3, found 10 bytes.",
    ],
    [
      "a file longer than its header says",
      () => decodeIdxLabels("f", new Uint8Array([...idxLabels([1]), 0]), 10),
      "f: expected 9 bytes for 1, found 10 bytes.",
    ],
    [
      "a label that isn't a class",
      () => decodeIdxLabels("f", idxLabels([1, 10]), 10),
      "f: expected labels from 0 to 9, found 10 at index 1.",
    ],
  ])("refuses %s", (_, decode, message) => {
    expect(decode).toThrow(DatasetError);
    expect(decode).toThrow(message);
  });
});

describe("CIFAR", () => {
  /** Red is 10, green 20, blue 30 in every pixel except the second of the first row, with 11, 21, 31. */
  const planes = [10, 20, 30].flatMap((value) => [value, value + 1, ...new Array<number>(1022).fill(value)]);

  it("puts channels last", () => {
    const { images, labels, count } = decodeCifar("f", Uint8Array.from([7, ...planes, 3, ...planes]), "cifar-10");
    expect([count, ...labels]).toEqual([2, 7, 3]);
    expect([...images.subarray(0, 9)]).toEqual([10, 20, 30, 11, 21, 31, 10, 20, 30]);
    expect([...images.subarray(3072, 3078)]).toEqual([10, 20, 30, 11, 21, 31]);
  });

  it("reads the coarse or the fine label of CIFAR-100", () => {
    const file = Uint8Array.from([19, 99, ...planes]);
    expect([...decodeCifar("f", file, "cifar-100-coarse").labels]).toEqual([19]);
    expect([...decodeCifar("f", file, "cifar-100-fine").labels]).toEqual([99]);
  });

  it.each([
    [
      "a partial record",
      () => decodeCifar("f", new Uint8Array(3074), "cifar-10"),
      "f: expected whole records of 3073 bytes, found 3074 bytes.",
    ],
    [
      "an empty file",
      () => decodeCifar("f", new Uint8Array(0), "cifar-10"),
      "f: expected whole records of 3073 bytes, found 0 bytes.",
    ],
    [
      "a label that isn't a class",
      () => decodeCifar("f", Uint8Array.from([20, 0, ...planes]), "cifar-100-coarse"),
      "f: expected labels from 0 to 19, found 20 at index 0.",
    ],
  ])("refuses %s", (_, decode, message) => {
    expect(decode).toThrow(message);
  });
});

describe("digits", () => {
  const line = (first: number | string, label: number) => [first, ...new Array<number>(63).fill(0), label].join(",");
  const csv = (...lines: string[]) => new TextEncoder().encode(`${lines.join("\n")}\n`);

  it("scales 0 … 16 to bytes, halves rounded up, and tests on every fifth example of a class", () => {
    const { train, test } = decodeDigits(
      "f",
      csv(line(0, 4), line(8, 4), line(16, 4), line(1, 7), line(2, 4), line(3, 4), line(5, 7)),
    );
    expect([...train.labels]).toEqual([4, 4, 4, 7, 4, 7]);
    expect([...test.labels]).toEqual([4]);
    expect([0, 1, 2].map((i) => train.images[i * 64])).toEqual([0, 128, 255]); // 8 · 255/16 = 127.5
    expect(test.images[0]).toBe(48); // 3 · 255/16 = 47.8
  });

  it.each([
    ["a missing field", csv(line(0, 1), "1,2,3"), "f: expected 64 values and a label in line 2, found 3 fields."],
    [
      "a value out of range",
      csv(line(17, 1)),
      'f: expected a whole number from 0 to 16 in line 1, column 1, found "17".',
    ],
    [
      "anything but a number",
      csv(line("x", 1)),
      'f: expected a whole number from 0 to 16 in line 1, column 1, found "x".',
    ],
    [
      "a label that isn't a digit",
      csv(line(0, 10)),
      'f: expected a whole number from 0 to 9 in line 1, column 65, found "10".',
    ],
    ["an empty file", csv(""), "f: expected 64 values and a label in line 1, found 1 fields."],
  ])("refuses %s", (_, file, message) => {
    expect(() => decodeDigits("f", file)).toThrow(message);
  });
});
