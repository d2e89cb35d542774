/**
 * The GPU cost of a training step, on a device that counts: a change that adds a
 * dispatch or an upload fails here, and the failure lists the programs of the step.
 */
import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { startBackend } from "@/lib/runtime";
import { countedNetworks, countStep, stepsOn } from "../support/counted-step";
import type { CountingDevice } from "../support/counting-device";
import { provideCountingDevice } from "../support/counting-device";

const budgets = {
  twoNorms: { dispatches: 17, gigabytes: 0.02 },
  mlp: { dispatches: 22, gigabytes: 0.02 },
  adam: { dispatches: 22, gigabytes: 0.02 },
  cnn: { dispatches: 45, gigabytes: 0.71 },
  resnet: { dispatches: 417, gigabytes: 25.4 },
} satisfies Record<keyof typeof countedNetworks, object>;

let device: CountingDevice;

describe("a captured training step, batch 128", () => {
  beforeAll(async () => {
    device = provideCountingDevice();
    await startBackend("webgpu", { wasmPaths: "" });
  });

  it.each(Object.entries(budgets))(
    "%s: no more dispatches than its budget, no upload",
    async (name, { dispatches, gigabytes }) => {
      const counted = await countStep(countedNetworks[name as keyof typeof budgets], device);
      expect(counted.uploadedBytes).toBe(0);
      expect(counted.dispatches, counted.programs).toBeLessThanOrEqual(dispatches);
      expect(counted.gigabytes, counted.programs).toBeLessThanOrEqual(gigabytes);
    },
    120_000,
  );

  it("leaks no buffers or tensors in a thousand steps", async () => {
    const { steps, dispose } = stepsOn(countedNetworks.mlp);
    await steps.run(0, 3);
    await steps.run(0, 4);
    const before = { ...device.counts };
    const tensors = memory().numTensors;
    for (let times = 0; times < 250; times++) await steps.run(0, 4);
    expect({
      buffers: device.counts.buffers,
      aliveBytes: device.counts.aliveBytes,
      tensors: memory().numTensors,
    }).toEqual({ buffers: before.buffers, aliveBytes: before.aliveBytes, tensors });
    dispose();
  });
});
