/**
 * The process that computes for the site: it alone loads TensorFlow.js, so that
 * pages are answered while policies are scored. WebAssembly with threads, one
 * task at a time; trajectories and data sets in use stay loaded.
 */
import { env } from "@tensorflow/tfjs-core";
import type { Dataset } from "@/lib/datasets";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { checkMomentum, PolicyError } from "@/lib/dmbn/policy";
import type { Recipe, Variant } from "@/lib/records";
import { decodeTrajectory, encodeTrajectory } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import type { LoadedTrajectory, Scorer } from "@/lib/training";
import { figuresOf, loadTrajectory, planRun, recordTrajectory } from "@/lib/training";
import { openDataset } from "../datasets";
import type { Figures, Report, Results, Scoring, Task } from "./messages";

/**
 * Of examples held up to the first batch norm, over all trajectories kept loaded; an MLP on Fashion-MNIST takes 15 MB.
 */
const KEPT_BYTES = 2 ** 30;

/** Above this a trajectory's examples are not held: the first convolution of 10,000 images gives a gigabyte. */
const HELD_BYTES = 2 ** 27;

/** A trajectory is loaded anew after so many policies, since it remembers the schedules that it replayed. */
const POLICIES_PER_LOADING = 500;

interface Ready {
  loaded: LoadedTrajectory;
  /** Null where its examples are too large to hold. */
  scorer: Scorer | null;
  bytes: number;
  scored: number;
}

const ready = new Map<string, Ready>(); // least recently used first
const datasets = new Map<string, Promise<Dataset>>();

env().set("PROD", true); // no advice to install tfjs-node
const backend = startNodeBackend("wasm");

const tasks: { [Kind in Task["kind"]]: (task: Extract<Task, { kind: Kind }>) => Promise<Results[Kind]> } = {
  score,
  record,
  check,
};

async function score({ hash, file, policies }: Extract<Task, { kind: "score" }>): Promise<Results["score"]> {
  if (!ready.has(hash)) {
    if (!file) return "send-file";
    await load(hash, file);
  }
  const one = ready.get(hash)!;
  ready.delete(hash);
  ready.set(hash, one);
  const scorings: Scoring[] = [];
  for (const policy of policies) scorings.push(await scoreOne(one, policy));
  one.scored += policies.length;
  if (one.scored >= POLICIES_PER_LOADING) unload(hash);
  return scorings;
}

async function scoreOne({ loaded, scorer }: Ready, policy: MomentumPolicy): Promise<Scoring> {
  try {
    checkMomentum(policy, loaded.plan.shape);
    const scored = scorer ? await scorer.score(policy) : (await loaded.score([policy]))[0]!;
    return {
      figures: finite({
        ...figuresOf(scored, loaded.plan.dataset, loaded.network.batchNorms),
        predictions: scored.predictions,
      }),
    };
  } catch (error) {
    if (!(error instanceof PolicyError || error instanceof RangeError)) throw error;
    return { fault: error.message };
  }
}

/** @throws RangeError where the statistics overflowed: no database holds such a figure */
function finite(figures: Figures): Figures {
  const overflown = figures.esm.find(({ layer: _, ...shift }) => !Object.values(shift).every(Number.isFinite));
  if (overflown)
    throw new RangeError(
      `${overflown.layer}: expected a finite estimation shift, found ${overflown.mean} for the mean and ${overflown.std} for the deviation`,
    );
  return figures;
}

async function load(hash: string, file: Uint8Array): Promise<void> {
  const trajectory = decodeTrajectory(file);
  const dataset = await datasetNamed(trajectory.header.dataset.slug);
  await backend;
  const loaded = loadTrajectory(trajectory, dataset);
  const held = heldBytes(loaded);
  const bytes = held > HELD_BYTES ? 0 : held;
  const kept = () => [...ready.values()].reduce((sum, one) => sum + one.bytes, bytes);
  while (ready.size > 0 && kept() > KEPT_BYTES) unload([...ready.keys()][0]!);
  ready.set(hash, { loaded, scorer: held > HELD_BYTES ? null : loaded.scorer(), bytes, scored: 0 });
}

/** Of calibration and test examples at the first batch norm. */
function heldBytes({ network, plan }: LoadedTrajectory): number {
  const first = network.batchNorms[0]?.node;
  const values =
    first === undefined ? 0 : network.graph.nodes[first]!.shape.reduce((product, extent) => product * extent, 1);
  return 4 * values * (plan.indices.calibration.length + plan.dataset.test.count);
}

function unload(hash: string): void {
  const { scorer, loaded } = ready.get(hash)!;
  ready.delete(hash);
  scorer?.dispose();
  loaded.dispose();
}

async function record({ recipe, variants, seed }: Extract<Task, { kind: "record" }>): Promise<Results["record"]> {
  const dataset = await datasetNamed(recipe.dataset);
  const { name } = await backend;
  const files: Uint8Array[] = [];
  for (const variant of variants) {
    const run = recordTrajectory(planRun({ recipe, variant, seed, dataset }), name);
    for (let step = await run.next(); ; step = await run.next()) {
      if (!step.done) continue;
      files.push(encodeTrajectory(step.value));
      break;
    }
  }
  return files;
}

async function check({ policy, runs }: Extract<Task, { kind: "check" }>): Promise<Results["check"]> {
  if (policy.kind === "select" && policy.every !== null) {
    const fault = {
      path: "every",
      found: String(policy.every),
      expected: "null on a recorded run",
      remedy:
        "A periodic choice reads the weights of its time, which no recording keeps: score it while training, with dmbench train --policies, or choose once, at the end.",
    };
    return { run: 0, fault };
  }
  for (const [run, settings] of runs.entries()) {
    try {
      checkMomentum(policy, await shapeOf(settings));
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      const { path, position, found, expected, remedy, offence } = error;
      return { run, fault: { path, position, found, expected, remedy, ...(offence && { offence }) } };
    }
  }
  return null;
}

async function shapeOf({ recipe, variant }: { recipe: Recipe; variant: Variant }) {
  return planRun({ recipe, variant, seed: 0, dataset: await datasetNamed(recipe.dataset) }).shape;
}

function datasetNamed(slug: string): Promise<Dataset> {
  const known = datasets.get(slug) ?? openDataset(slug);
  datasets.set(slug, known);
  known.catch(() => datasets.delete(slug)); // so that a copy put there later is found
  return known;
}

async function answer({ id, ...task }: { id: number } & Task): Promise<void> {
  // A site that is gone needs no answer: its end is told by "disconnect".
  const tell = (report: Report) => process.send?.(report, undefined, undefined, () => {});
  try {
    tell({ id, result: await (tasks[task.kind] as (task: Task) => Promise<Results[keyof Results]>)(task) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    tell({ id, error: { name, message } });
  }
}

let line = Promise.resolve();
process.on("message", (task: { id: number } & Task) => {
  line = line.then(() => answer(task));
});
process.on("SIGINT", () => {}); // the site decides
process.on("disconnect", () => process.exit());
