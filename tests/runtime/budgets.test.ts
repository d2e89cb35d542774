/**
 * The GPU cost of a training step, on a device that counts: a change that adds a
 * dispatch or an upload fails here, and the failure lists the programs of the step.
 */
import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { startBackend } from "@/lib/runtime";
import { TrainingRun } from "@/lib/training";
import { trainingBytes } from "@/lib/training/memory";
import { countedNetworks, countStep, planOn, stepsOn } from "../support/counted-step";
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

  it.each(["mlp", "cnn", "resnet"] as const)(
    "%s: takes the memory that is said before it starts, within a tenth",
    async (name) => {
      await startBackend("webgpu", { wasmPaths: "" }); // a new one: TensorFlow.js keeps buffers of earlier tests
      device.reset();
      const before = device.counts.aliveBytes;
      const said = trainingBytes(planOn(countedNetworks[name]), true);
      const { steps, dispose } = stepsOn(countedNetworks[name]);
      await steps.run(0, 3);
      const took = device.counts.peakBytes - before;
      dispose();
      expect(took / said).toBeGreaterThan(0.9);
      expect(took / said).toBeLessThan(1.1);
      if (name === "resnet") expect(took).toBeLessThan(3.9e9);
    },
    120_000,
  );

  it("reads nothing back in a whole run but its reports", async () => {
    const run = new TrainingRun(planOn(countedNetworks.mlp));
    run.stepsPerReport = 2;
    device.reset();
    let reports = 0;
    for await (const _ of run.steps()) reports++;
    run.dispose();
    expect(reports).toBe(3); // 5 steps
    expect(device.counts.readbacks).toBe(reports);
  });

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
