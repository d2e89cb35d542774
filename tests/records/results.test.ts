import fc from "fast-check";
import { expect, it } from "vitest";
import { benchmarks } from "@/lib/leaderboard";
import { decodeResults, decodeSafetensors, encodeResults, encodeSafetensors } from "@/lib/records";
import { someResults } from "./some-results";

const benchmark = benchmarks[0]!;

/** From a number, so that a case prints short. */
const results = fc
  .record({
    examples: fc.integer({ min: 1, max: 70 }),
    runs: fc.integer({ min: 1, max: 3 }),
    policies: fc.integer({ min: 1, max: 6 }),
    salt: fc.nat(),
  })
  .map(({ examples, salt, ...counts }) =>
    someResults({
      benchmark,
      labels: Array.from({ length: examples }, (_, example) => (example * 3 + salt) % 10),
      ...counts,
      isWrong: ({ variant, run, policy }, example) => (salt + variant + run * 5 + policy * 11 + example * 13) % 4 === 0,
    }),
  );

it("reads back what was written, and writes the same bytes again", () => {
  fc.assert(
    fc.property(results, (given) => {
      const file = encodeResults(given);
      const read = decodeResults(file);
      expect(read).toEqual(given);
      expect(Buffer.compare(encodeResults(read), file)).toBe(0);
    }),
    { numRuns: 100 },
  );
});

it("refuses a file that is cut off, and one whose right answers contradict its confusion matrix", () => {
  fc.assert(
    fc.property(results, fc.nat(), fc.nat(), (given, cut, at) => {
      const file = encodeResults(given);
      expect(() => decodeResults(file.subarray(0, cut % file.length))).toThrow(/expected/);
      const { tensors, metadata } = decodeSafetensors(file);
      const { values } = tensors.find(({ name }) => name === "bn/correct")!;
      const bit = at % (8 * values.length);
      values[bit >> 3]! ^= 0x80 >> (bit & 7);
      expect(() => decodeResults(encodeSafetensors(tensors, metadata))).toThrow(/^bn\/[\w-]+, seed \d+: expected/);
    }),
    { numRuns: 100 },
  );
});

it.each([
  ["format", (header: Record<string, unknown>) => ({ ...header, format: "dmbench-results-2" }), /^not results: format/],
  ["seeds", (header) => ({ ...header, seeds: [] }), /^not results: seeds/],
  ["more examples", (header) => ({ ...header, examples: 71 }), /bn\/correct: expected/],
  ["no choices", (header) => ({ ...header, choices: [] }), /^not results: choices/],
] satisfies [string, (header: Record<string, unknown>) => unknown, RegExp][])(
  "refuses a header with other %s, by its field",
  (_, change, message) => {
    const [given] = fc.sample(results, { numRuns: 1, seed: 3 });
    const { tensors, metadata } = decodeSafetensors(encodeResults(given!));
    const header = change(JSON.parse(metadata.results!) as Record<string, unknown>);
    expect(() => decodeResults(encodeSafetensors(tensors, { results: JSON.stringify(header) }))).toThrow(message);
  },
);

it("refuses a safetensors file of something else", () => {
  expect(() => decodeResults(encodeSafetensors([]))).toThrow(/^not results/);
});
