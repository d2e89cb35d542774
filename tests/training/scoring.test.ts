/** Inference under many sets of statistics shares what is equal, and nothing else. */
import { memory, zeros } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { RunningStatistics } from "@/lib/dmbn";
import { examplesOf, planRun, TrainingRun } from "@/lib/training";
import { predict } from "@/lib/training/scoring";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";

eachBackend("predictions under many sets of statistics", () => {
  it("are those of each set alone, and each part that sets have in common is computed once", async () => {
    const plan = planRun({ recipe: { ...shortRecipe, maxSteps: 20 }, variant: "bn", seed: 1, dataset: await digits() });
    const run = new TrainingRun(plan);
    for await (const _ of run.steps());
    const { network } = run;
    const { test } = examplesOf(plan);
    /** Two versions of each layer's statistics, of equal values in different memory. */
    const version = (layer: number, which: number): RunningStatistics => {
      const { channels } = network.batchNorms[layer]!;
      return { mean: new Float64Array(channels).fill(which / 4), variance: new Float64Array(channels).fill(1 + which) };
    };
    const setOf = (versions: readonly number[]) => versions.map((which, layer) => version(layer, which));
    const start = network.start(zeros([1, ...plan.dataset.info.shape]));
    const advance = vi.spyOn(Object.getPrototypeOf(start), "advance");
    start.dispose();
    try {
      const choice = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 3, maxLength: 3 });
      const alone = new Map<string, Uint8Array>();
      await fc.assert(
        fc.asyncProperty(fc.array(choice, { maxLength: 6 }), async (sets) => {
          for (const versions of sets)
            if (!alone.has(String(versions)))
              alone.set(String(versions), (await predict(network, test, [setOf(versions)]))[0]!.predictions);
          const { numTensors } = memory();
          advance.mockClear();
          const together = await predict(network, test, sets.map(setOf));
          expect(together.map(({ predictions }) => predictions)).toEqual(
            sets.map((versions) => alone.get(String(versions))),
          );
          expect(memory().numTensors).toBe(numTensors);
          const starts = sets.flatMap((versions) => versions.map((_, layer) => String(versions.slice(0, layer + 1))));
          expect(advance).toHaveBeenCalledTimes(Math.ceil(test.indices.length / 1000) * new Set(starts).size);
        }),
        { numRuns: 20, seed: 1 },
      );
      expect(new Set([...alone.values()].map(String)).size).toBeGreaterThan(1);
    } finally {
      advance.mockRestore();
      run.dispose();
    }
  });
}, ["cpu", "wasm"]);
