import fc from "fast-check";
import { expect, it } from "vitest";
import type { DataId, Job } from "@/lib/runtime/webgpu/capture";
import { Recording } from "@/lib/runtime/webgpu/capture";
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

/** Three tensors of a step; a dispatch reads the first and makes the second, which may lie over it. */
function recorded(later: (x: DataId, y: DataId, z: DataId) => DataId[]) {
  const [x, y, z] = [{}, {}, {}];
  const recording = new Recording();
  for (const tensor of [x, y, z]) recording.made.set(tensor, 1024);
  const compiled = {} as Job["compiled"]; // never run
  const dispatch = (...tensors: DataId[]) => ({
    label: "",
    compiled,
    tensors: tensors.map((tensor) => [tensor]),
    constants: null,
    grid: [1, 1, 1] as [number, number, number],
  });
  const over = { output: y, input: x, job: () => ({ compiled, tensors: [[x]] }) };
  recording.dispatches.push(dispatch(x), { ...dispatch(y, x), over }, dispatch(...later(x, y, z)));
  recording.overlay();
  return { x, y, z, recording };
}

it("lays an output over an input that nothing reads later", () => {
  const { x, z, recording } = recorded((_x, y, z) => [z, y]);
  expect(recording.dispatches.map(({ tensors }) => tensors)).toEqual([[[x]], [[x]], [[z], [x]]]);
  expect(recording.dispatches[2]!.tensors[1]![0]).toBe(x);
});

it("leaves an output its own memory if something reads the input later", () => {
  const { y, recording } = recorded((x, _y, z) => [z, x]);
  expect(recording.dispatches[1]!.tensors[0]![0]).toBe(y);
});

it("gives tensors that are bound side by side one block, and says where that can't be", () => {
  const { x, y, recording } = recorded((x, _y, z) => [z, x]);
  const [first] = recording.dispatches;
  recording.dispatches.push({ ...first!, tensors: [[x, y]] });
  const blocks = recording.blocks();
  expect(blocks.get(x)).toBe(blocks.get(y));
  expect(blocks.get(x)).toMatchObject({ offsets: [0, 1024], bytes: 2048, first: 0, last: 3 });
  expect(recording.fault).toBeNull();
  recording.dispatches.push({ ...first!, label: "sgd", tensors: [[y, x]] });
  recording.blocks();
  expect(recording.fault).toBe("sgd binds tensors side by side that can't lie there");
});
