/**
 * Scores the policy being edited on a public trajectory, off the main thread so that typing never waits. Activations up
 * to the first batch norm are cached on the backend; of several queued policies, only the latest is scored.
 */
import { wasmFiles } from "@/app/_components/wasm-files";
import type { Dataset } from "@/lib/datasets";
import { datasetInfo, loadDataset } from "@/lib/datasets";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { builtInPolicies, PolicyError } from "@/lib/dmbn/policy";
import { discordant, mcnemarExact } from "@/lib/evaluation";
import { headlineReadings } from "@/lib/leaderboard";
import { decodeTrajectory } from "@/lib/records";
import { startBackend } from "@/lib/runtime";
import type { LoadedTrajectory, ScoredPolicy } from "@/lib/training";
import { figuresOf, loadTrajectory } from "@/lib/training";
import type { Baseline, Command, Difference, Failure, ScorerMessage, TrajectoryChoice } from "./protocol";

const baselineSlugs = ["pytorch-default", "keras-default", ...headlineReadings, "precise-bn"];

const send = (report: ScorerMessage) => self.postMessage(report);

interface Ready {
  loaded: LoadedTrajectory;
  scorer: ReturnType<LoadedTrajectory["scorer"]>;
  baselines: { slug: string; predictions: Uint8Array }[];
}

let ready: Ready | null = null;
let pendingLoad: { trajectory: TrajectoryChoice; origin: string } | null = null;
let pendingScore: { id: number; policy: MomentumPolicy } | null = null;
let busy = false;

self.addEventListener("message", ({ data }: MessageEvent<Command>) => {
  if (data.kind === "load") pendingLoad = data;
  else pendingScore = data;
  if (!busy) void work();
});

/** One request at a time, the newest first; messages can arrive at every `await`. */
async function work(): Promise<void> {
  busy = true;
  while (pendingLoad || (pendingScore && ready)) {
    if (pendingLoad) {
      const { trajectory, origin } = pendingLoad;
      pendingLoad = null;
      await load(trajectory, origin);
    } else {
      const { id, policy } = pendingScore!;
      pendingScore = null;
      await score(id, policy, ready!);
    }
    await new Promise((resolve) => setTimeout(resolve)); // lets newer messages arrive
  }
  busy = false;
}

let backend: Promise<string> | undefined;
const datasets = new Map<string, Promise<Dataset>>();

async function load(trajectory: TrajectoryChoice, origin: string): Promise<void> {
  ready?.scorer.dispose();
  ready?.loaded.dispose();
  ready = null;
  try {
    send({ kind: "loading", what: "the backend" });
    backend ??= start(origin);
    const name = await backend;
    send({ kind: "loading", what: "the data set and the recorded run" });
    const { dataset: slug, benchmark, url } = trajectory;
    const dataset =
      datasets.get(slug) ??
      loadDataset(slug, (file) =>
        fetchBytes(`${origin}/api/v1/datasets/${slug}/${file}?version=${datasetInfo(slug).version}`),
      );
    datasets.set(slug, dataset);
    dataset.catch(() => datasets.delete(slug)); // a later load retries
    const [data, file] = await Promise.all([dataset, fetchBytes(`${origin}${url}`)]);
    if (!file)
      throw new Missing(
        `${url} is not on this server. Choose another seed, or ask whoever runs the site to record it: npm run ` +
          `dmbench -- trajectory --benchmark ${benchmark}.`,
      );
    const loaded = loadTrajectory(decodeTrajectory(file), data);
    const scorer = loaded.scorer();
    const baselines: Baseline[] = [];
    const predictions: Ready["baselines"] = [];
    for (const slug of baselineSlugs) {
      const { name, document } = builtInPolicies.find((policy) => policy.slug === slug)!;
      const scored = await scorer.score(document);
      baselines.push({ slug, name, ...figures(loaded, scored) });
      predictions.push({ slug, predictions: scored.predictions });
    }
    ready = { loaded, scorer, baselines: predictions };
    const layers = loaded.network.batchNorms.map(({ name }) => name);
    send({
      kind: "loaded",
      trajectory,
      shape: loaded.plan.shape,
      layers,
      examples: loaded.plan.dataset.test.count,
      baselines,
      backend: name,
    });
  } catch (error) {
    send({ kind: "failed", failure: failureOf(error) });
  }
}

async function start(origin: string): Promise<string> {
  try {
    // One thread: on a network this small, splitting the work costs more than it saves.
    await startBackend("wasm", { ...wasmFiles(origin), threads: 1 });
    return "WASM";
  } catch {
    await startBackend("cpu", wasmFiles(origin));
    return "JavaScript, as WASM did not start";
  }
}

async function score(id: number, policy: MomentumPolicy, { loaded, scorer, baselines }: Ready): Promise<void> {
  const from = performance.now();
  try {
    const scored = await scorer.score(policy);
    const { labels } = loaded.plan.dataset.test;
    const differences = baselines.map(({ slug, predictions }): Difference => {
      const { onlyFirstRight: gained, onlySecondRight: lost } = discordant(labels, scored.predictions, predictions);
      const different = predictions.reduce(
        (count, predicted, index) => count + Number(predicted !== scored.predictions[index]),
        0,
      );
      return { slug, different, gained, lost, pValue: mcnemarExact(gained, lost) };
    });
    send({ kind: "scored", id, score: figures(loaded, scored), differences, milliseconds: performance.now() - from });
  } catch (error) {
    const refused = error instanceof PolicyError || error instanceof RangeError;
    send({
      kind: "refused",
      id,
      failure: refused ? { title: "This policy can’t be scored here", detail: error.message } : failureOf(error),
    });
  }
}

const figures = ({ plan, network }: LoadedTrajectory, scored: ScoredPolicy) =>
  figuresOf(scored, plan.dataset, network.batchNorms);

class Missing extends Error {}
class Unreachable extends Error {}

/** Null if the server has no such file. */
async function fetchBytes(address: string): Promise<Uint8Array | null> {
  const response = await fetch(address).catch(() => {
    throw new Unreachable(
      "The server can’t be reached. What you wrote is kept in this browser; try again when you are online.",
    );
  });
  if (response.status === 404) return null;
  if (!response.ok)
    throw new Unreachable(
      `The server answered ${response.status} for ${new URL(address).pathname}. Try again in a moment.`,
    );
  return new Uint8Array(await response.arrayBuffer());
}

function failureOf(error: unknown): Failure {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof Missing) return { title: "This recorded run is not here", detail };
  if (error instanceof Unreachable) return { title: "The recorded run could not be fetched", detail };
  return { title: "The recorded run can’t be used", detail: `${detail} Choose another seed, or reload the page.` };
}
