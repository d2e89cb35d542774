import { memory } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import type { RunningStatistics, Trace } from "@/lib/dmbn";
import { batchAt, leastShift, walk } from "@/lib/dmbn";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, defaultCandidates, momentumSchedule, schedule, select } from "@/lib/dmbn/policy";
import type { Recipe } from "@/lib/records";
import { decodeTrajectory, encodeTrajectory, runRecordSchema } from "@/lib/records";
import { examplesOf, planRun, recordOf, scorePolicies, TrainingRun, trainAndScore } from "@/lib/training";
import { calibrationOn } from "@/lib/training/scoring";
import { loadTrajectory, trajectoryOf } from "@/lib/training/trajectory";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";
import { expectClose } from "../support/golden";

const planOf = async (recipe: Partial<Recipe> = {}) =>
  planRun({ recipe: { ...shortRecipe, ...recipe }, variant: "bn", seed: 5, dataset: await digits() });

async function trained(policies: MomentumPolicy[], recipe: Partial<Recipe> = {}) {
  const run = new TrainingRun(await planOf(recipe), policies);
  for await (const report of run.steps()) void report;
  return run;
}

const score = (run: TrainingRun, policies: MomentumPolicy[]) =>
  scorePolicies(run.network, run.source, policies, examplesOf(run.plan));

/** The estimates of each candidate after the steps since `from`, starting at `start`: the definition, written out. */
function averaged(
  trace: Trace,
  candidate: string,
  from: number,
  start: RunningStatistics[],
  run: TrainingRun,
): RunningStatistics[] {
  const momentum = momentumSchedule(candidate, run.plan.shape);
  return trace.layers.map((layer, index) => {
    const [mean, variance] = [Float64Array.from(start[index]!.mean), Float64Array.from(start[index]!.variance)];
    for (let step = from + 1; step <= trace.steps; step++) {
      const beta = momentum(step, index);
      const batch = batchAt(layer, step);
      for (let c = 0; c < layer.channels; c++) {
        mean[c] = beta * mean[c]! + (1 - beta) * batch.mean[c]!;
        variance[c] = beta * variance[c]! + (1 - beta) * batch.variance[c]!;
      }
    }
    return { mean, variance };
  });
}

eachBackend("a periodic selection", () => {
  it("chooses once if its period is as long as the run, exactly like the choice at the end", async () => {
    const periodic = [2, 3].map((every) => select({ every }));
    const run = await trained(periodic);
    const [once, ...longer] = await score(run, [select(), ...periodic]);
    for (const result of longer) expect(result).toEqual(once);
    run.dispose();
  });

  it("leaves losses and weights bit-identical, and leaks no tensors", async () => {
    const before = memory().numTensors;
    const plain = await trained([]);
    const followed = await trained([select({ every: 1 })]);
    expect(await followed.network.weights()).toEqual(await plain.network.weights());
    expect(followed.trace).toEqual(plain.trace);
    plain.dispose();
    followed.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it("averages each period from the last choice, and chooses by the weights at the end of the period", async () => {
    const policy = select({ every: 1 });
    // the last period is only part of an epoch
    const run = new TrainingRun(await planOf({ epochs: 3, maxSteps: 90 }), [policy]);
    const layers = run.network.batchNorms;
    let start: RunningStatistics[] = layers.map(({ channels }) => ({
      mean: new Float64Array(channels),
      variance: new Float64Array(channels).fill(1),
    }));
    let from = 0;
    const choices: (number | null)[][] = [];
    for await (const { step } of run.steps()) {
      if (step % run.plan.shape.stepsPerEpoch !== 0 && step !== 90) continue;
      const candidates = defaultCandidates.map((candidate) => averaged(run.trace!, candidate, from, start, run));
      const calibration = calibrationOn(run.network, examplesOf(run.plan).calibration);
      const cursors = calibration.cursors(null);
      const chosen: (number | null)[] = [];
      const { statistics: ofPeriod } = await walk(cursors, layers, (layer, population) => {
        const { statistics, candidate } = leastShift(
          candidates.map((byLayer) => byLayer[layer]!),
          population,
        );
        chosen.push(candidate);
        return { statistics };
      });
      for (const cursor of cursors) cursor.dispose();
      calibration.dispose();
      choices.push(chosen);
      start = ofPeriod;
      from = step;
    }
    expect(choices).toHaveLength(3);
    const [{ fit } = { fit: null }] = await score(run, [policy]);
    for (const [layer, { mean, variance }] of fit!.statistics.entries()) {
      await expectClose(mean, start[layer]!.mean, { relative: 1e-12, what: `mean of layer ${layer}` });
      await expectClose(variance, start[layer]!.variance, { relative: 1e-12, what: `variance of layer ${layer}` });
    }
    expect(fit!.momentumPerLayer.map((momentum) => defaultCandidates.indexOf(String(momentum)))).toEqual(
      choices.at(-1),
    );
    const [once] = await score(run, [select()]);
    expect(fit!.statistics, "the periods made no difference").not.toEqual(once!.fit.statistics);
    run.dispose();
  });

  it("is scored with the others and included in the record", async () => {
    const policies = builtInPolicies.filter(({ slug }) => ["dmbn-periodic", "pytorch-default"].includes(slug));
    for await (const report of trainAndScore(await planOf({ maxSteps: 40 }), {
      policies,
      now: () => performance.now(),
      limits: { tensorBytes: Infinity, totalBytes: Infinity },
    })) {
      if (report.kind !== "finished") continue;
      const { record } = recordOf({
        ...report.result,
        benchmark: null,
        backend: { name: "wasm", adapter: "", reason: "", threads: 1 },
        platform: "",
      });
      expect(runRecordSchema.parse(record).scores.map(({ policy }) => policy.slug)).toEqual([
        "pytorch-default",
        "dmbn-periodic",
      ]);
      expect(record.scores[1]!.accuracy).toBeGreaterThan(0.5);
    }
  });

  it("is refused on a trajectory, and on a run that did not follow it, naming where it can be scored", async () => {
    const policy = select({ every: 1 });
    const run = await trained([schedule(0.9)]);
    await expect(score(run, [policy])).rejects.toThrow(
      /^every: expected null on a finished or recorded run, found 1\..*dmbench train --policies/,
    );
    const loaded = loadTrajectory(
      decodeTrajectory(encodeTrajectory(await trajectoryOf(run, "wasm"))),
      run.plan.dataset,
    );
    await expect(loaded.score([policy])).rejects.toThrow(/no recording keeps/);
    loaded.dispose();
    run.dispose();
  });
}, ["wasm"]);
