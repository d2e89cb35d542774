import { memory } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { builtInPolicies, isPeriodic } from "@/lib/dmbn/policy";
import { decodeTrajectory, encodeTrajectory, TrajectoryError } from "@/lib/records";
import { SafetensorsError } from "@/lib/records/safetensors";
import { examplesOf, planRun, scorePolicies, TrainingRun } from "@/lib/training";
import { loadTrajectory, trajectoryOf } from "@/lib/training/trajectory";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";

async function trained(variant: "bn" | "bn-bfn" = "bn") {
  const dataset = await digits();
  const run = new TrainingRun(planRun({ recipe: shortRecipe, variant, seed: 3, dataset }));
  for await (const report of run.steps()) void report;
  return { run, dataset };
}

/** Periodic policies must be followed during training. */
const replayable = builtInPolicies.filter(({ document }) => !isPeriodic(document));

let recorded: { file: Uint8Array; predictions: Uint8Array[] } | undefined;

eachBackend(
  "a trajectory",
  (backend) => {
    it("scores every policy like the run, together or one by one, and predicts the same on CPU and WASM", async () => {
      const { run, dataset } = await trained();
      const policies = replayable.map(({ document }) => document);
      const direct = await scorePolicies(run.network, run.source, policies, examplesOf(run.plan));
      const file = encodeTrajectory(await trajectoryOf(run, backend));
      run.dispose();
      const loaded = loadTrajectory(decodeTrajectory(file), dataset);
      expect(await loaded.score(policies)).toEqual(direct);
      const before = memory().numTensors;
      const scorer = loaded.scorer();
      for (const [index, policy] of policies.entries())
        expect(await scorer.score(policy), replayable[index]!.slug).toEqual(direct[index]);
      scorer.dispose();
      expect(memory().numTensors, "tensors left behind").toBe(before);
      loaded.dispose();

      recorded ??= { file, predictions: direct.map(({ predictions }) => predictions) };
      const first = loadTrajectory(decodeTrajectory(recorded.file), dataset);
      const replayed = await first.score(policies);
      for (const [index, { predictions }] of replayed.entries())
        expect(predictions, replayable[index]!.slug).toEqual(recorded!.predictions[index]);
      first.dispose();
    });
  },
  ["cpu", "wasm"],
);

eachBackend("a trajectory file", () => {
  it("is refused if it is truncated, changed or of other data, with what was expected", async () => {
    const { run, dataset } = await trained("bn-bfn");
    const trajectory = await trajectoryOf(run, "wasm");
    run.dispose();
    const file = encodeTrajectory(trajectory);
    expect(() => decodeTrajectory(file.subarray(0, file.length - 4))).toThrow(SafetensorsError);
    const cut = (change: (header: typeof trajectory.header) => void) => {
      const header = structuredClone(trajectory.header);
      change(header);
      return encodeTrajectory({ ...trajectory, header });
    };
    expect(() => decodeTrajectory(cut((header) => (header.steps += 1)))).toThrow(/expected \d+ × 64 values/);
    expect(() => decodeTrajectory(cut((header) => (header.variant = "none" as never)))).toThrow(TrajectoryError);
    const other = { ...dataset, hash: "0".repeat(64) };
    expect(() => loadTrajectory(trajectory, other)).toThrow(/SHA-256/);
    expect(() => loadTrajectory(decodeTrajectory(cut((header) => (header.variant = "bn"))), dataset)).toThrow(
      /expected/,
    );
  });
}, ["wasm"]);
