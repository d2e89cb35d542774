/** Choosing by labels. `policy/export/pytorch.test.ts` compares it with programs in PyTorch. */
import { memory } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { fitPolicy } from "@/lib/dmbn";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { policyHash, recalibrate, schedule, select, usesLabels } from "@/lib/dmbn/policy";
import { confusionMatrix } from "@/lib/evaluation";
import { examplesOf, planRun, TrainingRun } from "@/lib/training";
import { calibrationOn, predict } from "@/lib/training/scoring";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";

/** A short run at batch 4, where momenta differ. */
const run = async () => {
  const recipe = { ...shortRecipe, batchSize: 4, maxSteps: 60 };
  const plan = planRun({ recipe, variant: "bn", seed: 1, dataset: await digits() });
  const run = new TrainingRun(plan);
  for await (const _ of run.steps());
  const examples = examplesOf(plan).calibration;
  const calibration = calibrationOn(run.network, examples);
  return {
    calibration,
    fit: (policy: MomentumPolicy) => fitPolicy(policy, run.source, calibration),
    withoutLabels: (policy: MomentumPolicy) => fitPolicy(policy, run.source, { ...calibration, labels: null }),
    answers: (policies: readonly { statistics: Awaited<ReturnType<typeof fitPolicy>>["statistics"] }[]) =>
      predict(
        run.network,
        examples,
        policies.map(({ statistics }) => statistics),
      ),
    dispose() {
      calibration.dispose();
      run.dispose();
    },
  };
};

const candidates = ["0", "0.5", "0.9", "0.99", "1 - 1 / step"];

eachBackend("a choice by labels", () => {
  it("of one candidate for the network is the one that answers the calibration examples best", async () => {
    const { fit, answers, calibration, dispose } = await run();
    const estimators = ["unbiased", "biased"] as const;
    const tried = estimators.flatMap((variance) => candidates.map((momentum) => schedule(momentum, { variance })));
    const fits = [];
    for (const policy of tried) fits.push(await fit(policy));
    const found = await answers(fits);
    const losses = found.map((answer) => answer.probabilities().nll!);
    const wrong = found.map(({ predictions }) => {
      const matrix = confusionMatrix(calibration.labels!, predictions, 10);
      return calibration.size - matrix.reduce((sum, row, label) => sum + row[label]!, 0);
    });
    for (const [by, costs] of [
      ["loss", losses],
      ["accuracy", wrong],
    ] as const) {
      const chosen = await fit(select({ by, granularity: "network", candidates, estimators: [...estimators] }));
      const best = costs.indexOf(Math.min(...costs));
      expect(chosen.statistics, by).toEqual(fits[best]!.statistics);
      expect(new Set(chosen.momentumPerLayer)).toEqual(new Set(fits[best]!.momentumPerLayer));
    }
    dispose();
  });

  it("layer after layer costs no more than its own choice for the last layer, and disposes what it tries", async () => {
    const { fit, answers, dispose } = await run();
    const tensors = memory().numTensors;
    const byLayer = await fit(select({ by: "loss", candidates }));
    const corrected = await fit(recalibrate({ correction: { by: "loss" } }));
    const plain = await fit(recalibrate());
    expect(memory().numTensors).toBe(tensors);
    const last = byLayer.statistics.length - 1;
    const others = [];
    for (const momentum of candidates) {
      const { statistics } = await fit(schedule(momentum));
      others.push({ statistics: byLayer.statistics.map((own, layer) => (layer === last ? statistics[layer]! : own)) });
    }
    const losses = (await answers([byLayer, corrected, plain, ...others])).map((answer) => answer.probabilities().nll!);
    expect(losses[0]).toBe(Math.min(...losses.slice(3)));
    expect(losses[1]).toBeLessThan(losses[2]!);
    dispose();
  });

  it("is refused by name where there are no labels", async () => {
    const { withoutLabels, dispose } = await run();
    for (const [policy, message] of [
      [select({ by: "loss" }), /^by: .*a calibration set with labels.*found loss/s],
      [select({ by: "accuracy", granularity: "network" }), /^by: .*found accuracy/s],
      [recalibrate({ correction: { by: "loss" } }), /^correction\.by: .*found loss/s],
    ] as const) {
      expect(usesLabels(policy)).toBe(true);
      await expect(withoutLabels(policy)).rejects.toThrow(message);
    }
    dispose();
  });
}, ["cpu", "wasm"]);

it("one estimator in a list is the variance; documents from before keep their hash", () => {
  expect(select({ estimators: ["biased", "biased"] })).toEqual(select({ variance: "biased" }));
  expect(policyHash(select({ estimators: ["total", "unbiased"] }))).toBe(
    policyHash(select({ estimators: ["unbiased", "total", "total"] })),
  );
  expect(policyHash(select())).toBe("d71386fc2ac0888cae6214736120a3bb3f54bbdccf20c4c944ac9836217d96ab");
});
