import { expect, it } from "vitest";
import { Batches } from "@/lib/server/batches";

/** Doubles numbers; fails a batch with a negative one. */
function doubling(most?: number) {
  const batches: number[][] = [];
  const doubled = new Batches<object, number, number>(async (_on, items) => {
    batches.push([...items]);
    if (items.some((item) => item < 0)) throw new RangeError("negative");
    return items.map((item) => 2 * item);
  }, most);
  return { doubled, batches };
}

it("performs what arrives during one batch in the next, and gives each its own result", async () => {
  const { doubled, batches } = doubling();
  const on = {};
  const later: Promise<number>[] = [];
  const first = doubled.add(on, 1).then((result) => {
    later.push(doubled.add(on, 2), doubled.add(on, 3));
    return result;
  });
  expect(await first).toBe(2);
  expect(await Promise.all(later)).toEqual([4, 6]);
  expect(batches).toEqual([[1], [2, 3]]);
});

it("keeps to the size of a batch, and what differs in what it is on apart", async () => {
  const { doubled, batches } = doubling(2);
  const [one, other] = [{}, {}];
  expect(
    await Promise.all([doubled.add(one, 1), doubled.add(one, 2), doubled.add(one, 3), doubled.add(other, 4)]),
  ).toEqual([2, 4, 6, 8]);
  expect(batches.toSorted()).toEqual([[1, 2], [3], [4]]);
});

it("fails only the item that can't be performed", async () => {
  const { doubled, batches } = doubling();
  const on = {};
  const results = await Promise.allSettled([1, -1, 3].map((item) => doubled.add(on, item)));
  expect(results).toMatchObject([
    { status: "fulfilled", value: 2 },
    { status: "rejected", reason: { message: "negative" } },
    { status: "fulfilled", value: 6 },
  ]);
  expect(batches).toEqual([[1, -1, 3], [1], [-1], [3]]);
});
