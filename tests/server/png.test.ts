import { inflateSync } from "node:zlib";
import { expect, it } from "vitest";
import { encodePng } from "@/lib/server/png";

it("writes a grey picture whose bytes decode as the specification says", () => {
  const png = Buffer.from(encodePng({ width: 2, height: 2, channels: 1, pixels: new Uint8Array([0, 255, 7, 8]) }));
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([2, 2, 8, 0]);
  const length = png.readUInt32BE(33);
  expect(png.subarray(37, 41).toString()).toBe("IDAT");
  expect([...inflateSync(png.subarray(41, 41 + length))]).toEqual([0, 0, 255, 0, 7, 8]);
  expect(png.subarray(-12).toString("hex")).toBe("0000000049454e44ae426082"); // IEND with its known checksum
});

it("rejects pixels that don't match the size", () => {
  expect(() => encodePng({ width: 2, height: 2, channels: 3, pixels: new Uint8Array(11) })).toThrow(
    "expected 12 values for 2 × 2 × 3, found 11",
  );
});
