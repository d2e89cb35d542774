import { memory } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { builtInPolicies } from "@/lib/dmbn/policy";
import type { Recipe } from "@/lib/records";
import { examplesOf, planRun, scoreAlong, scorePolicies, TrainingDiverged, TrainingRun } from "@/lib/training";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";

const policies = ["pytorch-default", "keras-default", "cumulative-average", "precise-bn", "dmbn"].map(
  (slug) => builtInPolicies.find((policy) => policy.slug === slug)!.document,
);

/** Of 35 steps an epoch. */
async function runOf(recipe: Partial<Recipe>) {
  const dataset = await digits();
  return new TrainingRun(
    planRun({ recipe: { ...shortRecipe, epochs: 20, ...recipe }, variant: "bn", seed: 3, dataset }),
    policies,
  );
}

async function along(run: TrainingRun, steps: readonly number[]) {
  const moments = [];
  for await (const moment of scoreAlong(run, steps, policies)) if (moment.scored) moments.push(moment);
  return moments;
}

eachBackend("a run that is scored along its way", () => {
  it("gives at each step what a run of so many steps gives at its end, bit for bit", async () => {
    const steps = [1, 7, 60];
    const long = await runOf({ maxSteps: 60 });
    const moments = await along(long, steps);
    long.dispose();
    expect(moments.map(({ step }) => step)).toEqual(steps);
    for (const { step, scored } of moments) {
      const short = await runOf({ maxSteps: step });
      for await (const _ of short.steps());
      expect(scored).toEqual(await scorePolicies(short.network, short.source, policies, examplesOf(short.plan)));
      short.dispose();
    }
  });

  it("trains no further than the last step that is scored, and leaves nothing in memory", async () => {
    const before = memory().numTensors;
    const run = await runOf({ maxSteps: 60 });
    await along(run, [10]);
    expect(run.step).toBe(10);
    run.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it("refuses a schedule of the learning rate, and steps that the run doesn't have", async () => {
    const cosine = await runOf({ maxSteps: 20, learningRateSchedule: "cosine" });
    await expect(along(cosine, [10])).rejects.toThrow("learningRateSchedule: expected constant");
    cosine.dispose();
    const short = await runOf({ maxSteps: 20 });
    await expect(along(short, [10, 30])).rejects.toThrow("steps: expected at most the run's 20, found 30");
    short.dispose();
  });

  it("gives what it scored before a run diverges", async () => {
    const run = await runOf({ learningRate: 10, weightDecay: 1, model: "mlp-deep", epochs: 40 });
    const scored: number[] = [];
    const whole = async () => {
      for await (const moment of scoreAlong(run, [2, run.plan.shape.steps], policies))
        if (moment.scored) scored.push(moment.step);
    };
    await expect(whole()).rejects.toThrow(TrainingDiverged);
    expect(scored).toEqual([2]);
    run.dispose();
  });
});
