import { expect, it } from "vitest";
import { Coalescer } from "@/lib/server/coalescer";

/** Work that the test finishes, with a count of how often it started. */
function controlled() {
  const ends: (() => void)[] = [];
  const work = () => {
    const run = ends.length + 1;
    return new Promise<number>((resolve) => ends.push(() => resolve(run)));
  };
  return { work, ends };
}

it("shares a run among all calls made before it starts, and never returns an earlier one", async () => {
  const coalescer = new Coalescer<number>();
  const { work, ends } = controlled();
  const first = [coalescer.run("key", work), coalescer.run("key", work)];
  await expect.poll(() => ends.length).toBe(1);
  const later = [coalescer.run("key", work), coalescer.run("key", work)];
  ends[0]!();
  expect(await Promise.all(first)).toEqual([1, 1]);
  await expect.poll(() => ends.length).toBe(2);
  ends[1]!();
  expect(await Promise.all(later)).toEqual([2, 2]);
  expect(ends).toHaveLength(2);
});

it("runs different keys concurrently, and is idle again after a run ends, even with an error", async () => {
  const coalescer = new Coalescer<number>();
  const { work, ends } = controlled();
  const [a, b] = [coalescer.run("a", work), coalescer.run("b", work)];
  await expect.poll(() => ends.length).toBe(2);
  expect([coalescer.isIdle("a"), coalescer.isIdle("c")]).toEqual([false, true]);
  for (const end of ends) end();
  expect(await Promise.all([a, b])).toEqual([1, 2]);
  await expect(coalescer.run("a", () => Promise.reject(new Error("no database")))).rejects.toThrow("no database");
  await expect.poll(() => coalescer.isIdle("a")).toBe(true);
});
