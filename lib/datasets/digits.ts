/**
 * The embedded data set: 8×8 handwritten digits as lines of 64 values 0 … 16
 * and the label. UCI Optical Recognition of Handwritten Digits, Alpaydin & Kaynak 1998.
 */
import type { Split } from "./dataset";
import { DatasetError } from "./errors";

const pixels = 64;

/** The fifth, tenth, fifteenth … example of each class is a test example: 355 of 1,797. */
const testEvery = 5;

/**
 * Training and test split. A value v becomes the byte round(v · 255/16), halves rounded up.
 * The test split has every fifth example of each class, in file order. Every fifth
 * example overall would give some classes twice as often as others, since most of
 * the file's writers wrote 0 to 9 in turn.
 * @param file name for errors
 * @throws DatasetError with the line in which a value is missing or out of range
 */
export function decodeDigits(file: string, bytes: Uint8Array): { train: Split; test: Split } {
  const seen = new Array<number>(10).fill(0);
  const train: number[][] = [];
  const test: number[][] = [];
  const lines = new TextDecoder().decode(bytes).trimEnd().split("\n");
  lines.forEach((line, i) => {
    const values = parseLine(file, line, i + 1);
    const position = ++seen[values[pixels]!]!;
    (position % testEvery === 0 ? test : train).push(values);
  });
  return { train: toSplit(train), test: toSplit(test) };
}

function parseLine(file: string, line: string, number: number): number[] {
  const values = line.split(",").map((text) => (/^\s*\d+\s*$/.test(text) ? Number(text) : NaN));
  if (values.length !== pixels + 1) {
    throw new DatasetError({
      field: file,
      expected: `${pixels} values and a label in line ${number}`,
      found: `${values.length} fields`,
    });
  }
  values.forEach((value, column) => {
    const most = column < pixels ? 16 : 9;
    if (!(value <= most)) {
      throw new DatasetError({
        field: file,
        expected: `a whole number from 0 to ${most} in line ${number}, column ${column + 1}`,
        found: JSON.stringify(line.split(",")[column]),
      });
    }
  });
  return values;
}

function toSplit(examples: readonly (readonly number[])[]): Split {
  return {
    images: Uint8Array.from(
      examples.flatMap((values) => values.slice(0, pixels).map((value) => Math.round((value * 255) / 16))),
    ),
    labels: Uint8Array.from(examples, (values) => values[pixels]!),
    count: examples.length,
  };
}
