import { memory } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { bankFor, batchAt, replay, schedulesOf, totalShift } from "@/lib/dmbn";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, policyHash, recalibrate, scheduleOn, select } from "@/lib/dmbn/policy";
import type { Recipe, Variant, Weights } from "@/lib/records";
import { runRecordSchema } from "@/lib/records";
import {
  examplesOf,
  keepsTrace,
  observe,
  planRun,
  recordOf,
  scorePolicies,
  TrainingDiverged,
  TrainingRun,
} from "@/lib/training";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";
import { expectClose } from "../support/golden";

const documentOf = (slug: string): MomentumPolicy => builtInPolicies.find((policy) => policy.slug === slug)!.document;

async function train({
  recipe = {},
  variant = "bn" as Variant,
  seed = 7,
  look = false,
}: {
  recipe?: Partial<Recipe>;
  variant?: Variant;
  seed?: number;
  look?: boolean;
} = {}) {
  const dataset = await digits();
  const run = new TrainingRun(planRun({ recipe: { ...shortRecipe, ...recipe }, variant, seed, dataset }));
  const losses: number[] = [];
  for await (const report of run.steps()) {
    losses.push(...report.losses);
    if (look) await observe(run);
  }
  return { run, losses, dataset };
}

async function score(run: TrainingRun, policies: readonly MomentumPolicy[]) {
  return scorePolicies(run.network, run.source, policies, examplesOf(run.plan));
}

/** The results of a seed on the first backend; the others must give the same. */
let first: { losses: number[]; weights: Weights } | undefined;

eachBackend("a training run", (backend) => {
  it("gives the same losses and weights for a seed on every backend, and different ones for another seed", async () => {
    const { run, losses } = await train({ recipe: { maxSteps: 16 } });
    const weights = await run.network.weights();
    first ??= { losses, weights };
    await expectClose(losses, first.losses, { relative: 1e-3, what: `losses on ${backend}` });
    for (const [name, values] of Object.entries(weights))
      await expectClose(values, first.weights[name]!, { relative: 2e-3, what: name });
    run.dispose();
    const other = await train({ recipe: { maxSteps: 1 }, seed: 8 });
    expect(Math.abs(other.losses[0]! - losses[0]!)).toBeGreaterThan(1e-3);
    other.run.dispose();
  });

  it("leaks no tensors in training, observation and scoring", async () => {
    const before = memory().numTensors;
    const { run } = await train({ recipe: { maxSteps: 16 }, look: true });
    await score(run, [...["dmbn", "precise-bn", "keras-default"].map(documentOf), recalibrate({ samples: 50 })]);
    run.dispose();
    expect(memory().numTensors).toBe(before);
  });
});

eachBackend("a training run, on one backend", () => {
  it("never reads running statistics: observation and scoring leave losses and weights bit-identical", async () => {
    const plain = await train();
    const watched = await train({ look: true });
    await score(watched.run, [documentOf("dmbn")]);
    expect(watched.losses).toEqual(plain.losses);
    expect(await watched.run.network.weights()).toEqual(await plain.run.network.weights());
    plain.run.dispose();
    watched.run.dispose();
  });

  it("trains 1,000 steps without growing memory", async () => {
    const dataset = await digits();
    const run = new TrainingRun(
      planRun({
        recipe: { ...shortRecipe, batchSize: 4, epochs: 10, maxSteps: 1000 },
        variant: "bn",
        seed: 1,
        dataset,
      }),
    );
    let after16: { numTensors: number; numBytes: number } | undefined;
    for await (const { step } of run.steps()) {
      const { numTensors, numBytes } = memory();
      after16 ??= { numTensors, numBytes };
      expect({ step, numTensors, numBytes }).toEqual({ step, ...after16 });
    }
    expect(run.step).toBe(1000);
    run.dispose();
  });

  /** Decay by ten times the weight at every step, so that each overshoots further until float32 overflows. */
  const overshooting: Partial<Recipe> = { learningRate: 10, weightDecay: 1, model: "mlp-deep", epochs: 40 };

  it("stops at the step and layer with the first value that is not finite", async () => {
    await expect(train({ recipe: overshooting })).rejects.toThrow(TrainingDiverged);
    await expect(train({ recipe: overshooting })).rejects.toThrow(/step \d+ in (layer norm\d|the loss)/);
  });

  it("gives bit-identical statistics with a bank and by replay of the trace", async () => {
    const { run } = await train();
    const policies = ["dmbn", "keras-default", "debiased-0.999", "pointnet"].map(documentOf);
    const trace = run.trace!;
    const { bank, source } = bankFor(policies, run.network.batchNorms, scheduleOn(run.plan.shape));
    for (let step = 1; step <= trace.steps; step++) bank.update(trace.layers.map((layer) => batchAt(layer, step)));
    for (const schedule of policies.flatMap(schedulesOf)) {
      expect(source.statistics(schedule)).toEqual(replay(trace, scheduleOn(run.plan.shape)(schedule)));
      expect(source.statistics(schedule)).toEqual(run.source.statistics(schedule));
    }
    expect(() => source.statistics(documentOf("nasnet") as never)).toThrow(/not kept/);
    run.dispose();
  });

  it("refuses a policy that needs the trace before training, if the trace is too large to store", async () => {
    const plan = planRun({
      recipe: { ...shortRecipe, model: "resnet-50", epochs: 1000 },
      variant: "bn",
      seed: 1,
      dataset: await digits(),
    });
    expect(keepsTrace(plan)).toBe(false);
    expect(() => new TrainingRun(plan, [documentOf("dmbn"), documentOf("closed-form")])).toThrow(
      /by: expected a rule that needs no trace.*found drift/,
    );
  });

  it("fits policies as they are defined", async () => {
    const { run } = await train({ variant: "bn-bfn" });
    expect(run.network.batchNorms.map(({ name }) => name)).toEqual(["norm1", "norm3"]);
    const [sequential, independent, precise, halfPrecise, lastBatch, cumulative] = (
      await score(run, [
        documentOf("dmbn"),
        documentOf("dmbn-independent"),
        documentOf("precise-bn"),
        recalibrate({ samples: 100 }),
        documentOf("static-0"),
        documentOf("cumulative-average"),
      ])
    ).map(({ fit }) => fit);
    expect(sequential!.momentumPerLayer[0]).toBe(independent!.momentumPerLayer[0]);
    expect(precise!.shift.map(totalShift)).toEqual([0, 0]);
    expect(Math.min(...halfPrecise!.shift.map(totalShift))).toBeGreaterThan(0);
    const trace = run.trace!;
    trace.layers.forEach((layer, index) => {
      expect(Array.from(lastBatch!.statistics[index]!.mean)).toEqual(Array.from(batchAt(layer, trace.steps).mean));
      const mean = Array.from(
        { length: layer.channels },
        (_, c) =>
          Array.from({ length: trace.steps }, (_, s) => layer.mean[s * layer.channels + c]!).reduce(
            (a, b) => a + b,
            0,
          ) / trace.steps,
      );
      for (const [c, value] of mean.entries()) expect(cumulative!.statistics[index]!.mean[c]).toBeCloseTo(value, 9);
    });
    await expect(score(run, [select({ every: 1 })])).rejects.toThrow(/every/);
    run.dispose();
  });

  it("runs one step with a batch of two, and refuses a batch of one or one that is larger than the data", async () => {
    const { run } = await train({ recipe: { batchSize: 2, maxSteps: 1 } });
    expect([...run.trace!.layers[0]!.variance].some((variance) => variance > 0)).toBe(true);
    const [scored] = await score(run, [documentOf("pytorch-default")]);
    expect(scored!.predictions.length).toBe(run.plan.dataset.test.count);
    run.dispose();
    await expect(train({ recipe: { batchSize: 1 } })).rejects.toThrow(/batchSize of mlp must be at least 2/);
    await expect(train({ recipe: { batchSize: 4096 } })).rejects.toThrow(
      /batchSize must be at most the 1142 training examples of digits, got 4096/,
    );
  });

  it("makes a record that its schema accepts", async () => {
    const { run, losses } = await train();
    const policies = builtInPolicies.filter(({ slug }) => ["dmbn", "keras-default"].includes(slug));
    const { record, predictions } = recordOf({
      run,
      benchmark: null,
      policies,
      scored: await score(
        run,
        policies.map(({ document }) => document),
      ),
      losses,
      observations: [await observe(run)],
      backend: { name: "cpu", adapter: "JavaScript", reason: "a test", threads: 1 },
      platform: "node",
      timings: { trainingSeconds: 1, scoringSeconds: 1, imagesPerSecond: 1 },
    });
    expect(runRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    expect(record.scores.map(({ method, policy }) => [method, policy.hash])).toEqual(
      policies.map(({ slug, document }) => [`bn/${slug}`, policyHash(document)]),
    );
    expect(Object.keys(predictions)).toEqual(record.scores.map(({ method }) => method));
    const { accuracy, confusionMatrix } = record.scores[0]!;
    expect(confusionMatrix.flat().reduce((a, b) => a + b, 0)).toBe(run.plan.dataset.test.count);
    expect(accuracy).toBeGreaterThan(0.5); // 70 steps on digits are enough
    run.dispose();
  });
}, ["wasm"]);
