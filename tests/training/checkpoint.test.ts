/**
 * A run that resumes from a checkpoint gives bit-identical results to one that was never interrupted, also on a new
 * device after the first was lost.
 */
import { backend } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { builtInPolicies, select } from "@/lib/dmbn/policy";
import { startBackend } from "@/lib/runtime";
import type { Checkpoint, RunCheckpoint, RunPlan, TrainingResult } from "@/lib/training";
import { planRun, TrainingRun, trainAndScore } from "@/lib/training";
import { eachBackend } from "../support/backends";
import { digits, shortRecipe } from "../support/digits";

const unlimited = { tensorBytes: Infinity, totalBytes: Infinity };

const policies = [
  ...builtInPolicies.filter(({ slug }) =>
    ["pytorch-default", "cumulative-average", "dmbn", "closed-form"].includes(slug),
  ),
  { slug: "periodic", document: select({ every: 1, candidates: ["0.5", "0.9", "0.99"] }) },
];

const plan = async (recipe = {}): Promise<RunPlan> =>
  planRun({ recipe: { ...shortRecipe, epochs: 3, ...recipe }, variant: "bn", seed: 5, dataset: await digits() });

/** The results of a finished run, copied before it is disposed. */
const outcome = async ({ run, scored, losses }: TrainingResult) => ({
  weights: await run.network.weights(),
  trace: run.trace,
  scored,
  losses,
});

async function finish(of: RunPlan, options: { from?: Checkpoint; leaveAt?: number } = {}) {
  let clock = 0;
  const { leaveAt = Infinity, from } = options;
  for await (const report of trainAndScore(of, {
    policies,
    now: () => (clock += 1),
    limits: unlimited,
    checkpointEvery: 0,
    from: from ?? null,
  })) {
    if (report.kind === "checkpoint" && report.checkpoint.run.step >= leaveAt)
      return { checkpoint: structuredClone(report.checkpoint) };
    if (report.kind === "finished") return { outcome: await outcome(report.result) };
  }
  throw new Error("the run neither finished nor reached its checkpoint");
}

/** Trains from `from` to the first report at or after step `leaveAt`, or to the end. */
async function train(
  of: RunPlan,
  { from = null, leaveAt = Infinity }: { from?: RunCheckpoint | null; leaveAt?: number } = {},
) {
  const run = new TrainingRun(of);
  if (from) run.restore(from);
  for await (const { step } of run.steps()) if (step >= leaveAt) break;
  const reached = {
    checkpoint: structuredClone(await run.checkpoint()),
    weights: await run.network.weights(),
    trace: run.trace,
  };
  run.dispose();
  return reached;
}

eachBackend("a checkpoint", (name) => {
  const onNewDevice = name === "webgpu" ? ", on a new device after the first was lost" : "";
  it(`resumes with the same weights and trace${onNewDevice}`, async () => {
    const short = await plan({ maxSteps: 32 });
    const whole = await train(short);
    const { checkpoint } = await train(short, { leaveAt: 16 });
    expect(checkpoint.step).toBe(16);
    if (name === "webgpu") await loseDevice();
    const { weights, trace } = await train(short, { from: checkpoint });
    expect({ weights, trace }).toEqual({ weights: whole.weights, trace: whole.trace });
  }, 180_000);
});

eachBackend("a checkpoint, on one backend", () => {
  it("resumes with the same losses and scores, also of a policy that chooses during training", async () => {
    const whole = await finish(await plan());
    const { checkpoint } = await finish(await plan(), { leaveAt: 40 });
    expect(checkpoint!.run.step).toBeGreaterThanOrEqual(40);
    expect(await finish(await plan(), { from: checkpoint! })).toEqual(whole);
  });

  it("resumes with Adam, whose state depends on the step", async () => {
    const adam = { optimizer: "adam" as const, learningRate: 0.001 };
    const { checkpoint } = await finish(await plan(adam), { leaveAt: 30 });
    expect(await finish(await plan(adam), { from: checkpoint! })).toEqual(await finish(await plan(adam)));
  });

  it("is refused by a run of another plan", async () => {
    const { checkpoint } = await finish(await plan(), { leaveAt: 16 });
    const other = new TrainingRun(await plan({ model: "mlp-deep" }), []);
    expect(() => other.restore(checkpoint!.run)).toThrow(/of another run/);
    other.dispose();
  });
}, ["cpu"]);

/** Destroys the current device, as a driver reset does, and starts a new one. */
async function loseDevice(): Promise<void> {
  (backend() as unknown as { device: GPUDevice }).device.destroy();
  await startBackend("webgpu", { wasmPaths: "" });
}
