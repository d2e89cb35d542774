import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { drawSeed } from "@/lib/leaderboard";
import { seedSchema } from "@/lib/records";

const from = (...draws: number[][]) => {
  const left = draws.map((bytes) => Uint8Array.from(bytes));
  return () => left.shift()!;
};

it("draws seeds of 53 bits, from all their bits, and none as small as those of public runs", () => {
  expect(drawSeed(from([255, 255, 255, 255, 255, 255, 255]))).toBe(Number.MAX_SAFE_INTEGER);
  expect(drawSeed(from([32, 0, 1, 0, 0, 0, 0]))).toBe(2 ** 32);
  expect(drawSeed(from([0, 0, 0, 255, 255, 255, 255], [16, 0, 0, 0, 0, 0, 1]))).toBe(2 ** 52 + 1);
  const drawn = Array.from({ length: 1000 }, () => drawSeed(randomBytes));
  expect(new Set(drawn).size).toBe(1000);
  for (const seed of drawn) expect(seedSchema.safeParse(seed).success).toBe(true);
  // Each bit is set in about half of them: 350 of 1,000 is nine standard deviations away.
  for (let bit = 0; bit < 53; bit++) {
    const set = drawn.filter((seed) => Math.floor(seed / 2 ** bit) % 2 === 1).length;
    expect(Math.abs(set - 500), `bit ${bit}`).toBeLessThan(150);
  }
});
