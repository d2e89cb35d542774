import { expect, it } from "vitest";
import { cached } from "@/lib/server/boards/cache";

it("computes a value once for each revision and key, even under concurrent requests", async () => {
  let computed = 0;
  const compute = async () => ({ run: ++computed });
  const [first, second] = await Promise.all([cached("board/1", "page", compute), cached("board/1", "page", compute)]);
  expect(second).toBe(first);
  expect(await cached("board/1", "page", compute)).toBe(first);
  expect(await cached("board/1", "facets", compute)).toEqual({ run: 2 });
  expect(await cached("board/2", "page", compute)).toEqual({ run: 3 });
});

it("does not cache an error", async () => {
  await expect(cached("board/3", "page", () => Promise.reject(new Error("no database")))).rejects.toThrow(
    "no database",
  );
  expect(await cached("board/3", "page", async () => ({ run: 1 }))).toEqual({ run: 1 });
});
