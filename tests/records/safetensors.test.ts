import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { NamedTensor } from "@/lib/records";
import { decodeSafetensors, encodeSafetensors } from "@/lib/records";
import { SafetensorsError } from "@/lib/records/safetensors";

const tensors: NamedTensor[] = [
  { name: "classes", shape: [3], values: Uint8Array.of(1, 2, 3) },
  { name: "kernel", shape: [2, 2], values: Float32Array.of(1, -2.5, 3, 4) },
  { name: "mean", shape: [1], values: Float64Array.of(0.1) },
  { name: "steps", shape: [], values: Int32Array.of(7) },
  { name: "nothing", shape: [0, 4], values: new Float32Array() },
];

/** A file with the given header, followed by `bytes` bytes. */
function fileOf(header: unknown, bytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + bytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}
const tensor = (dtype: string, shape: number[], from: number, to: number) => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

it("writes the published layout: length, header padded by spaces, values in little endian", () => {
  const file = encodeSafetensors([{ name: "a", shape: [2], values: Float32Array.of(1, 2) }], { by: "test" });
  const json = '{"__metadata__":{"by":"test"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  expect([...file.subarray(0, 8)]).toEqual([88, 0, 0, 0, 0, 0, 0, 0]); // 83 characters, padded
  expect(new TextDecoder().decode(file.subarray(8, 96))).toBe(json.padEnd(88));
  expect([...file.subarray(96)]).toEqual([0, 0, 128, 63, 0, 0, 0, 64]);
});

it("reads what it wrote, at any memory offset, also from a Buffer", () => {
  const file = encodeSafetensors(tensors, { recipe: "{}" });
  const shifted = new Uint8Array(file.length + 3).subarray(3);
  shifted.set(file);
  for (const bytes of [file, shifted, Buffer.from(shifted)])
    expect(decodeSafetensors(bytes)).toEqual({ tensors, metadata: { recipe: "{}" } });
});

it.each([
  ["a name used twice", [tensors[0]!, tensors[0]!], /used once, found "classes"/],
  ["the reserved name of the metadata", [{ ...tensors[0]!, name: "__metadata__" }], /not __metadata__/],
  [
    "a shape of the wrong size",
    [{ ...tensors[0]!, shape: [2, 2] }],
    /tensor classes: expected 4 values of shape \[2, 2\], found 3/,
  ],
])("refuses to write %s", (_, list, message) => {
  expect(() => encodeSafetensors(list)).toThrow(message);
});

it.each<[string, Uint8Array, RegExp, object?]>([
  ["an empty file", new Uint8Array(), /at least 8 bytes, found 0/],
  [
    "a header longer than the file",
    fileOf({}).subarray(0, 9),
    /header: expected 2 bytes, found 1: the file is cut off/,
  ],
  ["a header above the limit", fileOf(`${" ".repeat(200)}{}`), /at most 100 bytes, found 202/, { headerBytes: 100 }],
  ["an absurd header length", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255), /at most 1048576 bytes/],
  ["a header that isn't JSON", fileOf("{"), /header: expected a name in double quotes in line 1, column 2/],
  ["a header that doesn't begin with {", fileOf(" {}"), /expected a JSON object/],
  ["a header that isn't UTF-8", fileOf({ é: 1 }).map((byte) => (byte === 0xc3 ? 0xff : byte)), /JSON in UTF-8/],
  [
    "a tensor named twice",
    fileOf(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
    ),
    /each name once in an object .* found "a" again/,
  ],
  ["metadata given twice", fileOf('{"__metadata__":{},"__metadata__":{}}'), /each name once in an object/],
  [
    "a field named twice",
    fileOf('{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
    /"dtype" again/,
  ],
  ["an unknown field", fileOf({ a: { ...tensor("U8", [0], 0, 0), strides: [1] } }), /tensor a: expected no such field/],
  ["a tensor without a name", fileOf({ "": tensor("U8", [0], 0, 0) }), /tensor name: expected one that is not empty/],
  ["a fraction of an element", fileOf({ a: tensor("U8", [0.5], 0, 0) }), /tensor a, shape, 0: expected a whole number/],
  [
    "a shape whose size overflows",
    fileOf({ a: tensor("F64", new Array(8).fill(2 ** 52), 0, 8) }, 8),
    /tensor a: expected/,
  ],
  ["a header that isn't an object", fileOf("[]"), /header: expected a JSON object/],
  ["too many tensors", fileOf({ a: 1, b: 2 }), /at most 1 tensors, found 2/, { tensors: 1 }],
  ["an unknown type", fileOf({ a: tensor("BF16", [1], 0, 2) }, 2), /tensor a, dtype/],
  ["a negative extent", fileOf({ a: tensor("U8", [-1], 0, 1) }, 1), /tensor a, shape, 0/],
  [
    "fewer bytes than the shape needs",
    fileOf({ a: tensor("F32", [2], 0, 4) }, 4),
    /tensor a: expected 8 bytes of F32 \[2\], found 4/,
  ],
  ["a gap", fileOf({ a: tensor("U8", [1], 1, 2) }, 2), /tensor a: expected its bytes from 0/],
  [
    "an overlap",
    fileOf({ a: tensor("U8", [2], 0, 2), b: tensor("U8", [2], 1, 3) }, 3),
    /tensor b: expected its bytes from 2/,
  ],
  ["a truncated file", encodeSafetensors(tensors).slice(0, -1), /tensor steps: .*cut off/],
  [
    "bytes that belong to no tensor",
    fileOf({ a: tensor("U8", [1], 0, 1) }, 2),
    /expected 1 bytes after the header, found 2/,
  ],
  ["metadata that isn't text", fileOf({ __metadata__: { a: 1 } }), /__metadata__, a/],
])("refuses to read %s, and says what is wrong", (_, file, message, limits = {}) => {
  expect(() => decodeSafetensors(file, limits)).toThrow(SafetensorsError);
  expect(() => decodeSafetensors(file, limits)).toThrow(message);
});

it("reads back whatever it wrote, whatever the names", () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, unit: "binary" }).filter((text) => text.isWellFormed()),
    fc.constantFrom("__proto__", "constructor", "toString", "a/b", '"', "\n"),
  );
  const values = fc.oneof(
    fc.uint8Array({ maxLength: 9 }),
    fc.float32Array({ maxLength: 9, noNaN: true }),
    fc.float64Array({ maxLength: 9, noNaN: true }),
    fc.int32Array({ maxLength: 9 }),
  );
  const entry = fc
    .tuple(name, values)
    .map(([name, values]): NamedTensor => ({ name, shape: [values.length, 1], values }));
  const distinct = fc.uniqueArray(entry, { maxLength: 6, selector: ({ name }) => name });
  fc.assert(
    fc.property(distinct, fc.dictionary(name, fc.string({ unit: "grapheme" })), (list, metadata) => {
      const written = list.filter(({ name }) => name !== "__metadata__");
      const read = decodeSafetensors(encodeSafetensors(written, metadata));
      // Tensors of no bytes share their place, so their order may change.
      const byName = (tensors: NamedTensor[]) => new Map(tensors.map((tensor) => [tensor.name, tensor]));
      expect(byName(read.tensors)).toEqual(byName(written));
      expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
    }),
    { numRuns: 500 },
  );
});

/** A header in which any of its parts may be wrong, and whether it follows the format. */
const anyHeader = fc
  .array(
    fc.record({
      name: fc.constantFrom("a", "b", "c", "__proto__"),
      dtype: fc.constantFrom("U8", "U8", "F32", "I32", "F64", "BF16"),
      shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
      shiftFrom: fc.constantFrom(0, 0, 0, 0, 1, -1),
      shiftTo: fc.constantFrom(0, 0, 0, 0, 1, -1),
    }),
    { maxLength: 4 },
  )
  .chain((entries) => fc.record({ entries: fc.constant(entries), rest: fc.constantFrom(0, 0, 0, 1, -1) }));
const elementBytes: Readonly<Record<string, number>> = { U8: 1, F32: 4, I32: 4, F64: 8 };

it("accepts a header exactly if it follows the format", () => {
  const seen = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(anyHeader, ({ entries, rest }) => {
      let end = 0;
      let valid = true;
      const spans: [from: number, to: number][] = [];
      const parts = entries.map(({ name, dtype, shape, shiftFrom, shiftTo }) => {
        const bytes = shape.reduce((product, extent) => product * extent, 1) * (elementBytes[dtype] ?? 2);
        const [from, to] = [end + shiftFrom, end + bytes + shiftTo];
        end += bytes;
        valid &&= dtype in elementBytes && to - from === bytes;
        spans.push([from, to]);
        return `"${name}":${JSON.stringify(tensor(dtype, shape, from, to))}`;
      });
      valid &&= new Set(entries.map(({ name }) => name)).size === entries.length;
      const length = Math.max(0, end + rest);
      // Each begins where the file does or one with bytes ends, no two at one byte; they fill the file.
      const filled = spans.filter(([from, to]) => to > from);
      const edges = new Set([0, ...filled.map(([, to]) => to)]);
      valid &&= spans.every(([from]) => edges.has(from));
      valid &&= new Set(filled.map(([from]) => from)).size === filled.length;
      valid &&= filled.reduce((sum, [from, to]) => sum + to - from, 0) === length;
      const file = fileOf(`{${parts.join(",")}}`, length);
      let read: ReturnType<typeof decodeSafetensors> | null = null;
      try {
        read = decodeSafetensors(file);
      } catch (error) {
        expect(error).toBeInstanceOf(SafetensorsError);
      }
      expect(read !== null).toBe(valid);
      seen[valid ? "accepted" : "refused"]++;
    }),
    { numRuns: 1500 },
  );
  expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100);
});

it("only ever throws its own error, whichever byte of a file is changed", () => {
  const file = encodeSafetensors(tensors, { a: "b" });
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(255), (position, byte) => {
      const damaged = file.slice();
      damaged[position] = byte;
      try {
        decodeSafetensors(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(SafetensorsError);
      }
    }),
    { numRuns: 2000 },
  );
});
