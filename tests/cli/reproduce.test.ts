/** reproduce.py follows a policy's document: the same running statistics as our own replay, or a refusal by name. */
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Trace } from "@/lib/dmbn";
import { replay } from "@/lib/dmbn";
import { schedulesOf } from "@/lib/dmbn/fit";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { checkMomentum, PolicyError, parsePolicy, schedule, scheduleOn, select } from "@/lib/dmbn/policy";
import { randomExpression } from "../dmbn/policy/random-expression";
import { findPython, runPython } from "../support/python";
import { dmbench, scratch } from "./command";

const python = findPython("numpy");
const program = "public/python/reproduce.py";
const shape = { steps: 23, stepsPerEpoch: 5, epochs: 6, batchSize: 8, learningRate: 0.02 };
const channels = [3, 1, 2];
const run = { ...shape, layers: channels.map((count) => ({ channels: count })) };

/** Any values, of layers whose statistics are over 8, 1 and 32 values. */
const trace: Trace = {
  steps: shape.steps,
  layers: channels.map((width, layer) => {
    const values = (from: number, scale: number) =>
      Float32Array.from({ length: shape.steps * width }, (_, i) => from + scale * Math.sin(1 + i * (layer + 1.7)));
    return {
      name: `norm${layer + 1}`,
      channels: width,
      count: [8, 1, 32][layer]!,
      mean: values(0.3, 2),
      variance: values(3, 2.5),
    };
  }),
};

/** A β that stays within [0, 1], often at an edge of it. */
const beta = fc.oneof(
  fc.constantFrom("0", "1", "0.9", "0.999", "1 - 1 / step", "step / (step + 3)", "epoch < 2 ? 0.5 : 0.99"),
  randomExpression.map(({ text }) => `clamp(${text}, 0, 1)`),
);
const document = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        kind: fc.constant("schedule" as const),
        momentum: beta,
        varianceMomentum: fc.option(beta),
        debias: fc.boolean(),
        variance: fc.constantFrom("unbiased", "biased", "total"),
        initial: fc.record({
          mean: fc.integer({ min: -5, max: 5 }),
          variance: fc.double({ min: 0, max: 9, noNaN: true }),
        }),
      },
      { requiredKeys: ["kind", "momentum"] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("select" as const),
      candidates: fc.array(beta, { minLength: 1, maxLength: 4 }),
      variance: fc.constantFrom("unbiased", "biased", "total"),
    }),
  },
);

/** The policies among random documents that can run at all. */
function policiesOf(documents: readonly unknown[]): MomentumPolicy[] {
  return documents.flatMap((value) => {
    try {
      const policy = parsePolicy(value);
      checkMomentum(policy, run);
      return [policy];
    } catch (error) {
      if (error instanceof PolicyError) return [];
      throw error;
    }
  });
}

const rowsOf = (values: Float32Array, width: number) =>
  Array.from({ length: shape.steps }, (_, step) => [...values.subarray(step * width, (step + 1) * width)]);

describe.runIf(python)("reproduce.py", () => {
  const inPython = (documents: readonly [MomentumPolicy, unknown[]][]) =>
    runPython<(string | [number[], number[]][])[]>(
      python!,
      ["-B", fileURLToPath(new URL("replay.py", import.meta.url))],
      {
        trace: trace.layers.map(({ mean, variance, count, channels: width }) => ({
          mean: rowsOf(mean, width),
          variance: rowsOf(variance, width),
          count,
        })),
        documents,
        names: shape,
      },
    );

  it("averages as we do under any document: schedules, and selections by what each layer chose", async () => {
    // Always the same documents: where an expression jumps, numpy's exp and ours could fall on different sides.
    const policies = policiesOf(fc.sample(document, { numRuns: 500, seed: 1 }));
    expect(policies.length).toBeGreaterThan(250);
    // Of a selection, layer i takes candidate i, as its record would say.
    const chosen = (policy: MomentumPolicy, layer: number) => {
      const schedules = schedulesOf(policy);
      return schedules[layer % schedules.length]!;
    };
    const theirs = await inPython(
      policies.map((policy) => [policy, channels.map((_, layer) => chosen(policy, layer).momentum)]),
    );
    for (const [index, policy] of policies.entries())
      for (const [layer] of channels.entries()) {
        const ours = replay(trace, scheduleOn(run)(chosen(policy, layer)))[layer]!;
        const result = theirs[index]!;
        if (typeof result === "string") throw new Error(`${JSON.stringify(policy)}: ${result}`);
        const differences = [ours.mean, ours.variance].flatMap((values, part) =>
          Array.from(values, (value, c) => Math.abs(result[layer]![part]![c]! - value) / (1 + Math.abs(value))),
        );
        expect(Math.max(...differences), `${JSON.stringify(policy)}, layer ${layer}`).toBeLessThan(1e-9);
      }
  });

  it("refuses by name what averages alone can't give", async () => {
    const several = channels.map(() => null);
    const refused = await inPython([
      [parsePolicy({ kind: "recalibrate" }), several],
      [select({ every: 2 }), channels.map(() => 0.9)],
      [select({ granularity: "channel" }), several],
      [select({ parameters: "separate" }), several],
      [select({ by: "drift", parameters: "separate" }), several],
    ]);
    expect(refused).toEqual([
      expect.stringContaining("kind recalibrate measures anew"),
      expect.stringContaining("chooses every 2 epochs"),
      ...Array.from({ length: 3 }, () =>
        expect.stringContaining("for each channel, or for mean and variance separately"),
      ),
    ]);
  });

  it("reproduces every prediction of a run under documents with all their settings, or says why it can't", async () => {
    const folder = scratch();
    const beyondAverages = ["dmbn-per-channel", "dmbn-periodic", "precise-bn"];
    const documents = [
      schedule("0.97", { debias: true }),
      schedule("min(0.99, (1 + step) / (10 + step))", { varianceMomentum: "0.5", variance: "biased" }),
      schedule("0.8", { initial: { mean: 1, variance: 5 }, variance: "total" }),
    ];
    const files = await Promise.all(
      documents.map(async (policy, index) => {
        const path = join(folder, `policy ${index}, own.json`);
        await writeFile(path, JSON.stringify(policy));
        return `"${path}"`;
      }),
    );
    const named = ["debiased-0.999", "cvnets-cosine", "dmbn", "dmbn-total", "closed-form"].concat(beyondAverages);
    const trained = await dmbench([
      ...["train", "--backend", "wasm", "--threads", "1", "--variant", "bn", "--width", "0.5", "--max-steps", "45"],
      ...["--policies", [...named, ...files].join(","), "--out", folder],
    ]);
    expect(trained.code).toBe(0);
    const record = JSON.parse(await readFile(join(folder, "record.json"), "utf8"));
    const outcomes = (record.scores as { policy: { slug: string } }[]).map(({ policy: { slug } }) => {
      const { status, stdout, stderr } = spawnSync(python!, ["-B", program, folder, slug], { encoding: "utf8" });
      return { slug, status, said: stdout + stderr };
    });
    const reproduced = expect.stringMatching(/accuracy (\d\.\d{4}), in the record \1; 0 predictions differ/);
    const refusal = expect.stringMatching(/^this (script|policy) /);
    expect(outcomes).toEqual(
      outcomes.map(({ slug }) =>
        beyondAverages.includes(slug) ? { slug, status: 2, said: refusal } : { slug, status: 0, said: reproduced },
      ),
    );

    // A record without documents, or of other data, isn't blamed for what can't be known.
    const changed = (change: (record: { scores: { policy: object }[]; manifest: { dataset: object } }) => void) => {
      const copy = structuredClone(record);
      change(copy);
      return writeFile(join(folder, "record.json"), `\ufeff${JSON.stringify(copy)}`);
    };
    const sentence = () => spawnSync(python!, ["-B", program, folder, "dmbn"], { encoding: "utf8" });
    await changed(({ scores }) => {
      for (const { policy } of scores) delete (policy as { document?: object }).document;
    });
    expect(sentence()).toMatchObject({ status: 2, stderr: expect.stringContaining("of an older format") });
    await changed(({ manifest }) => Object.assign(manifest.dataset, { hash: "0".repeat(64) }));
    expect(sentence()).toMatchObject({ status: 2, stderr: expect.stringContaining("not the data that this run") });
    await changed(({ manifest }) => Object.assign(manifest, { recipe: { ...record.manifest.recipe, model: "cnn" } }));
    expect(sentence()).toMatchObject({ status: 2, stderr: expect.stringContaining("multilayer perceptrons, not cnn") });
  }, 180_000);
});
