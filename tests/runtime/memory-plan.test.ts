import fc from "fast-check";
import { expect, it } from "vitest";
import { planMemory } from "@/lib/runtime/webgpu/memory-plan";

const need = fc
  .record({ bytes: fc.integer({ min: 1, max: 100 }), first: fc.nat(30), dispatches: fc.nat(8) })
  .map(({ bytes, first, dispatches }) => ({ bytes, first, last: first + dispatches }));

it("gives each tensor room, shared only with tensors of other times", () => {
  fc.assert(
    fc.property(fc.array(need, { maxLength: 40 }), (needs) => {
      const { buffers, bufferOf } = planMemory(needs);
      needs.forEach((one, index) => {
        expect(buffers[bufferOf[index]!]).toBeGreaterThanOrEqual(one.bytes);
        needs.slice(0, index).forEach((other, place) => {
          if (one.first <= other.last && other.first <= one.last) expect(bufferOf[place]).not.toBe(bufferOf[index]);
        });
      });
    }),
  );
});

it("takes no more than what is needed at once where one tensor follows the other", () => {
  const needs = [
    { bytes: 8, first: 0, last: 1 },
    { bytes: 4, first: 1, last: 2 },
    { bytes: 6, first: 2, last: 3 },
  ];
  expect(planMemory(needs)).toEqual({ buffers: [8, 4], bufferOf: [0, 1, 0] });
});
