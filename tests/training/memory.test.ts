import { profile } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import type { Recipe } from "@/lib/records";
import { recipeSchema } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { OutOfMemory, planRun, TrainingRun, trainAndScore } from "@/lib/training";
import { stepBytes } from "@/lib/training/memory";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";

const planOf = async (recipe: Partial<Recipe>) =>
  planRun({
    recipe: recipeSchema.parse({ ...shortRecipe, ...recipe }),
    variant: "bn",
    seed: 1,
    dataset: await digits(),
  });

eachBackend("the memory of a training step", () => {
  it.each<Partial<Recipe>>([
    { model: "mlp", width: 1, batchSize: 1024 },
    { model: "cnn", width: 0.5, batchSize: 64 },
    { model: "cnn", width: 0.25, batchSize: 16, optimizer: "adam" },
    { model: "resnet-50", width: 0.125, batchSize: 16 },
  ])("is between the computed lower bound and 1.75 times as much for %j", async (recipe) => {
    const plan = await planOf({ ...recipe, maxSteps: 1 });
    const { peakBytes } = await profile(async () => {
      const run = new TrainingRun(plan);
      for await (const report of run.steps()) void report;
      run.dispose();
      return [];
    });
    const least = stepBytes(plan.graph, plan.recipe);
    expect(peakBytes / least).toBeGreaterThanOrEqual(1);
    expect(peakBytes / least).toBeLessThanOrEqual(1.75);
  });

  it("is refused before a network is created if the backend has less, with a batch size that fits", async () => {
    const { limits } = await startNodeBackend("wasm");
    const attempt = async (recipe: Partial<Recipe>) => {
      for await (const report of trainAndScore(await planOf({ model: "resnet-50", batchSize: 1024, ...recipe }), {
        policies: [],
        now: () => 0,
        limits,
      }))
        void report;
    };
    await expect(attempt({ width: 2 })).rejects.toThrow(OutOfMemory);
    await expect(attempt({ width: 2 })).rejects.toThrow(
      new RegExp(
        "^batchSize 1024: a step needs \\d(\\.\\d)? GiB of memory at least, and this backend has 4\\.0 GiB\\. " +
          "A batch size of \\d+ fits\\.$",
      ),
    );
    await expect(attempt({ width: 4 })).rejects.toThrow(
      /No batch size fits: lower the width, or train on another backend\.$/,
    );
  });
}, ["wasm"]);
