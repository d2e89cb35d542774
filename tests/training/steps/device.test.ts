/**
 * Steps that are captured and replayed over data on the device are bit-identical to steps that the host prepares one by
 * one.
 */
import { backend, mul } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import type { Graph } from "@/lib/models";
import { GraphBuilder, INPUT, Network, seededWeights } from "@/lib/models";
import { convolution } from "@/lib/models/convolution";
import { dense } from "@/lib/models/dense";
import { batchNormLayer } from "@/lib/models/norm";
import { flatten } from "@/lib/models/pooling";
import type { Recipe } from "@/lib/records";
import type { WasmBackend } from "@/lib/runtime/wasm/backend";
import { planRun, TrainingRun } from "@/lib/training";
import { createOptimizer } from "@/lib/training/optimizer";
import { stepCapture } from "@/lib/training/steps/capture";
import { DeviceSteps } from "@/lib/training/steps/device";
import { HostSteps } from "@/lib/training/steps/host";
import { eachBackend } from "../../support/backends";
import { digits, shortRecipe } from "../../support/digits";

const RESIDUAL = "residual blocks, whose outputs take the memory of inputs";

const recipes: Record<string, Partial<Recipe>> = {
  "an MLP with SGD, across the end of an epoch": { learningRateSchedule: "cosine", weightDecay: 0.001 },
  "an MLP with Adam": { optimizer: "adam", learningRate: 0.001 },
  "a CNN on flipped and shifted images": { model: "cnn", width: 0.125, batchSize: 16, augment: true },
  [RESIDUAL]: { batchSize: 48 },
};

/** Two residual blocks, the first with a shortcut of its own; at batch 48, more rows than a norm sums in one dispatch. */
function residualBlocks(): Graph {
  const builder = new GraphBuilder([8, 8, 1]);
  const normed = (name: string, relu: boolean, ...inputs: number[]) =>
    builder.add(name, batchNormLayer({ epsilon: 1e-5, relu }), ...inputs);
  let x = normed("norm1", true, builder.add("conv1", convolution(4, { size: 1 }), INPUT));
  const shortcut = normed("norm2", false, builder.add("conv2", convolution(4, { size: 1 }), x));
  x = normed("norm3", true, builder.add("conv3", convolution(4, { size: 1 }), x), shortcut);
  x = normed("norm4", true, builder.add("conv4", convolution(4, { size: 1 }), x), x);
  builder.add("logits", dense(10, { bias: true }), builder.add("flatten", flatten(), x));
  return builder.graph();
}

const plan = async (recipe: Partial<Recipe>) =>
  planRun({ recipe: { ...shortRecipe, epochs: 2, ...recipe }, variant: "bn", seed: 5, dataset: await digits() });

eachBackend("a captured step", () => {
  it.each(Object.entries(recipes))(
    "gives the same losses, statistics and weights: %s",
    async (title, recipe) => {
      const planned = await plan(recipe);
      if (title === RESIDUAL) planned.graph = residualBlocks();
      const parts = () => {
        const network = new Network(planned.graph, seededWeights(planned.graph, 5));
        return { plan: planned, network, optimizer: createOptimizer(planned.recipe, network.parameters), now: () => 0 };
      };
      const [eager, captured] = [parts(), parts()];
      const [byHost, onDevice] = [new HostSteps(eager, null), new DeviceSteps(captured, stepCapture()!)];
      const { stepsPerEpoch } = planned.shape;
      for (const done of [0, stepsPerEpoch - 3, stepsPerEpoch])
        expect(await onDevice.run(done, 3)).toEqual(await byHost.run(done, 3));
      expect(onDevice.fault).toBeNull();
      expect(onDevice.dispatches).toBeGreaterThan(10);
      expect(await captured.network.weights()).toEqual(await eager.network.weights());
      for (const part of [onDevice, byHost, eager.optimizer, captured.optimizer, eager.network, captured.network])
        part.dispose();
    },
    120_000,
  );

  it("is abandoned with a reason if something in it can't be replayed, and the run continues", async () => {
    const planned = await plan({ maxSteps: 6 });
    const [plain, watched] = [new TrainingRun(planned), new TrainingRun(planned)];
    for await (const _ of plain.steps());
    // A layer that uploads a number at every step.
    const gradients = Network.prototype.gradients;
    Network.prototype.gradients = function (...args) {
      return gradients.apply(this, args).map((gradient) => mul(gradient, 1));
    };
    try {
      for await (const _ of watched.steps());
    } finally {
      Network.prototype.gradients = gradients;
    }
    expect(watched.captured).toMatchObject({ dispatches: null, fault: expect.stringMatching(/uploads 1 values/) });
    expect(plain.captured).toMatchObject({ dispatches: expect.any(Number), fault: null });
    expect(await watched.network.weights()).toEqual(await plain.network.weights());
    plain.dispose();
    watched.dispose();
  });

  it("frees its memory when the run is disposed", async () => {
    const once = async () => {
      const run = new TrainingRun(await plan({ maxSteps: 20 }));
      for await (const _ of run.steps());
      run.dispose();
      return memoryUsed();
    };
    const first = await once();
    await once();
    expect(await once()).toBeLessThanOrEqual(first * 1.05);
  });
}, ["webgpu", "wasm"]);

/** Bytes of the GPU, or of a heap that only grows. */
function memoryUsed(): number {
  const { numBytesAllocatedInGPU } = backend().memory() as unknown as { numBytesAllocatedInGPU?: number };
  return numBytesAllocatedInGPU ?? (backend() as unknown as WasmBackend).wasm.HEAPU8.length;
}

eachBackend("a hook before products", () => {
  it("is called in a captured step too, at least once a step", async () => {
    let calls = 0;
    const wasm = backend() as unknown as WasmBackend;
    const run = new TrainingRun(await plan({ maxSteps: 12 }));
    run.stepsPerReport = 4;
    const steps = run.steps();
    await steps.next();
    wasm.beforeWork = () => calls++;
    await steps.next();
    delete wasm.beforeWork;
    await steps.return();
    run.dispose();
    expect(calls).toBe(4);
  });
}, ["wasm"]);
