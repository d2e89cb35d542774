/**
 * What computes for the site: scores policies, trains reference runs, checks rules. It alone loads TensorFlow.js.
 * WebAssembly, one task at a time; trajectories and data sets in use are cached.
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import { env as tensorflow } from "@tensorflow/tfjs-core";
import { LRUCache } from "lru-cache";
import type { Dataset } from "@/lib/datasets";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { checkMomentum, PolicyError } from "@/lib/dmbn/policy";
import { rightAnswers } from "@/lib/evaluation";
import type { Recipe, Variant } from "@/lib/records";
import { decodeTrajectory, encodeTrajectory } from "@/lib/records";
import type { BackendInfo } from "@/lib/runtime";
import { startNodeBackend } from "@/lib/runtime/node";
import type { LoadedTrajectory, ScoredPolicy, Scorer } from "@/lib/training";
import {
  figuresOf,
  loadTrajectory,
  planRun,
  recordTrajectory,
  TrainingDiverged,
  thinnedLosses,
  trainAndScore,
} from "@/lib/training";
import { openDataset } from "../datasets";
import type { Figures, Results, Scoring, Task } from "./messages";

/** Above this a trajectory's examples are not cached: the first convolution of 10,000 images yields a gigabyte. */
const maxBytesPerTrajectory = 2 ** 27;

/** A trajectory is reloaded after this many policies, since it caches the schedules that it replayed. */
const policiesPerLoad = 500;

interface Ready {
  loaded: LoadedTrajectory;
  /** Null if its examples are too large to cache. */
  scorer: Scorer | null;
  bytes: number;
  scored: number;
}

export interface ComputerOptions {
  /** Bytes of examples' activations that it caches, over all trajectories. */
  cacheBytes: number;
  /** The folder of the WASM backend's files. */
  wasmPaths: string;
}

/**
 * Loaded trajectories by the hash of their files. What counts are the examples' activations at the first batch norm: an
 * MLP on Fashion-MNIST takes 15 MB.
 */
let trajectories: LRUCache<string, Ready>;

/** A data set that can't be opened is not cached, so that a copy added later is found. */
const datasets = new LRUCache<string, Dataset>({ max: 16, fetchMethod: openDataset });

/** Starts the backend at its first call: checking a rule needs none. */
let startBackend: () => Promise<BackendInfo>;

/** Must be called once, before any task. A process has one computer, since TensorFlow.js has one current backend. */
export function setUpComputer({ cacheBytes, wasmPaths }: ComputerOptions): void {
  tensorflow().set("PROD", true); // no advice to install tfjs-node
  let backend: Promise<BackendInfo> | undefined;
  startBackend = () => (backend ??= startNodeBackend("wasm", { threads: 1, wasmPaths }));
  trajectories = new LRUCache({
    maxSize: cacheBytes,
    sizeCalculation: ({ bytes }) => Math.max(1, bytes),
    dispose: ({ scorer, loaded }) => {
      scorer?.dispose();
      loaded.dispose();
    },
  });
}

/** Does a task; one at a time. */
export async function compute<Kind extends Task["kind"]>(task: Extract<Task, { kind: Kind }>): Promise<Results[Kind]> {
  began = performance.now();
  return (tasks[task.kind] as (task: Task) => Promise<Results[Kind]>)(task);
}

/** The share of its thread that it may use from now on, from 0 (it waits, at the next part of its task) to 1. */
export function setPace(next: number): void {
  share = next;
}

let share = 1;
/** Milliseconds of computing since the last rest, and when the current part began. */
let unrested = 0;
let began = performance.now();

/**
 * Lets the event loop turn between two parts of a computation: signs of life go out, and the end of the site or another
 * pace come in. Rests for as long as the share asks for, in pieces of at least 20 ms, since timers are coarse.
 */
async function breathe(): Promise<void> {
  unrested += performance.now() - began;
  await setImmediate();
  while (share === 0) await setTimeout(100);
  const rest = unrested * (1 / share - 1);
  if (rest >= 20) await setTimeout(rest);
  if (rest >= 20 || share === 1) unrested = 0;
  began = performance.now();
}

const tasks: { [Kind in Task["kind"]]: (task: Extract<Task, { kind: Kind }>) => Promise<Results[Kind]> } = {
  score,
  record,
  audit,
  check,
};

async function score({ hash, file, policies }: Extract<Task, { kind: "score" }>): Promise<Results["score"]> {
  let ready = trajectories.get(hash);
  if (!ready) {
    if (!file) return "send-file";
    await startBackend();
    ready = await load(file);
    trajectories.set(hash, ready);
  }
  const scorings: Scoring[] = [];
  for (const policy of policies) {
    scorings.push(await scorePolicy(ready, policy));
    await breathe();
  }
  ready.scored += policies.length;
  if (ready.scored >= policiesPerLoad) trajectories.delete(hash);
  return scorings;
}

async function scorePolicy({ loaded, scorer }: Ready, policy: MomentumPolicy): Promise<Scoring> {
  try {
    checkMomentum(policy, loaded.plan.shape);
    const scored = scorer ? await scorer.score(policy) : await scoreUncached(loaded, policy);
    return {
      figures: finite({
        ...figuresOf(scored, loaded.plan.dataset, loaded.network.batchNorms),
        predictions: scored.predictions,
        correct: rightAnswers(loaded.plan.dataset.test.labels, scored.predictions),
      }),
    };
  } catch (error) {
    if (!(error instanceof PolicyError || error instanceof RangeError)) throw error;
    return { fault: error.message };
  }
}

async function scoreUncached(loaded: LoadedTrajectory, policy: MomentumPolicy): Promise<ScoredPolicy> {
  const parts = loaded.scoring([policy]);
  for (let part = await parts.next(); ; part = await parts.next()) {
    if (part.done) return part.value[0]!;
    await breathe();
  }
}

/** @throws RangeError if the statistics overflowed: the database can't store such a figure */
function finite(figures: Figures): Figures {
  const overflowed = figures.esm.find(({ layer: _, ...shift }) => !Object.values(shift).every(Number.isFinite));
  if (overflowed)
    throw new RangeError(
      `${overflowed.layer}: expected a finite estimation shift, ` +
        `found ${overflowed.mean} for the mean and ${overflowed.std} for the deviation`,
    );
  return figures;
}

async function load(file: Uint8Array): Promise<Ready> {
  const trajectory = decodeTrajectory(file);
  const dataset = await datasets.forceFetch(trajectory.header.dataset.slug);
  const loaded = loadTrajectory(trajectory, dataset);
  const bytes = exampleBytes(loaded);
  return bytes > maxBytesPerTrajectory
    ? { loaded, scorer: null, bytes: 0, scored: 0 }
    : { loaded, scorer: loaded.scorer(), bytes, scored: 0 };
}

/** Bytes of the calibration and test examples at the first batch norm. */
function exampleBytes({ network, plan }: LoadedTrajectory): number {
  const first = network.batchNorms[0]?.node;
  const values =
    first === undefined ? 0 : network.graph.nodes[first]!.shape.reduce((product, extent) => product * extent, 1);
  return 4 * values * (plan.indices.calibration.length + plan.dataset.test.count);
}

async function record({ recipe, variants, seed }: Extract<Task, { kind: "record" }>): Promise<Results["record"]> {
  const dataset = await datasets.forceFetch(recipe.dataset);
  const { name: backend } = await startBackend();
  const files: Uint8Array[] = [];
  for (const variant of variants) {
    const run = recordTrajectory(planRun({ recipe, variant, seed, dataset }), backend);
    for (let step = await run.next(); ; step = await run.next()) {
      await breathe();
      if (!step.done) continue;
      files.push(encodeTrajectory(step.value));
      break;
    }
  }
  return files;
}

async function audit({ recipe, variant, seed, policies }: Extract<Task, { kind: "audit" }>): Promise<Results["audit"]> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const dataset = await datasets.forceFetch(recipe.dataset);
  const { limits } = await startBackend();
  const plan = planRun({ recipe, variant, seed, dataset });
  try {
    for await (const event of trainAndScore(plan, { policies, now: () => performance.now(), limits })) {
      await breathe();
      if (event.kind !== "finished") continue;
      const { scored, losses } = event.result;
      return {
        predictions: scored.map(({ predictions }) => predictions),
        losses: thinnedLosses(losses),
        seconds: seconds(),
      };
    }
  } catch (error) {
    if (!(error instanceof TrainingDiverged)) throw error;
    return { diverged: error.message, seconds: seconds() };
  }
  throw new Error("expected the training to finish"); // `trainAndScore` ends with "finished"
}

async function check({ policy, runs }: Extract<Task, { kind: "check" }>): Promise<Results["check"]> {
  if (policy.kind === "select" && policy.every !== null) {
    const { issue } = new PolicyError({
      field: "every",
      found: String(policy.every),
      expected: "null on a recorded run",
      remedy:
        "A periodic choice reads the weights of its time, which no recording keeps: score it while training, " +
        "with dmbench train --policies, or choose once, at the end.",
    });
    return { run: 0, issue };
  }
  for (const [run, settings] of runs.entries()) {
    try {
      checkMomentum(policy, await shapeOf(settings));
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      return { run, issue: error.issue };
    }
  }
  return null;
}

async function shapeOf({ recipe, variant }: { recipe: Recipe; variant: Variant }) {
  return planRun({ recipe, variant, seed: 0, dataset: await datasets.forceFetch(recipe.dataset) }).shape;
}
