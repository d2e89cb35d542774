import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { NamedTensor } from "@/lib/records/safetensors";
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from "@/lib/records/safetensors";

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
  ["a header that isn't JSON", fileOf("{"), /expected JSON/],
  ["a header that isn't an object", fileOf("[]"), /header: expected an object/],
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
