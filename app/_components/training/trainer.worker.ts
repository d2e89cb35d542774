/**
 * The training worker: off the main thread, so that page and training don't slow each other down, and a hidden tab
 * keeps training.
 */
import { wasmFiles } from "@/app/_components/wasm-files";
import type { Dataset } from "@/lib/datasets";
import { DatasetError, DatasetUnavailableError, datasetInfo, loadDataset } from "@/lib/datasets";
import { builtInPolicies, PolicyError } from "@/lib/dmbn/policy";
import { weightsLimitBytes } from "@/lib/leaderboard";
import { batchNormsOf } from "@/lib/models";
import type { Variant } from "@/lib/records";
import { evaluationsPerRun, repairText } from "@/lib/records";
import type { BackendChoice } from "@/lib/runtime";
import { beforeProducts, chooseBackend } from "@/lib/runtime";
import type { Checkpoint } from "@/lib/training";
import {
  describeMemory,
  keepsTrace,
  OutOfMemory,
  planRun,
  recordOf,
  selfTest,
  TrainingDiverged,
  trainAndScore,
  trajectoryFile,
} from "@/lib/training";
import { deleteCheckpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint-store";
import type { Command, Failure, Resumption, TrainerMessage, TrainingSettings } from "./protocol";
import { backendLabels } from "./protocol";

const send = (report: TrainerMessage) => self.postMessage(report);

/** Often enough to lose little, rarely enough that the cost goes unnoticed. */
const MILLISECONDS_BETWEEN_CHECKPOINTS = 3000;
/** Seldom enough to cost nothing, a small part of the page's patience. */
const MILLISECONDS_BETWEEN_SIGNS = 2000;
/** A device that is lost more often is not asked for again. */
const MOST_RECOVERIES = 3;

/** The user pressed stop. */
class Stopped extends Error {}

const control = { stop: new AbortController(), resume: null as (() => void) | null, paused: Promise.resolve() };

self.addEventListener("message", ({ data }: MessageEvent<Command>) => {
  switch (data.kind) {
    case "start":
      void start(data.settings, data.origin, data.resume);
      break;
    case "pause":
      if (control.resume) break;
      control.paused = new Promise((resolve) => (control.resume = resolve));
      send({ kind: "paused" });
      break;
    case "resume":
      control.resume?.();
      control.resume = null;
      send({ kind: "resumed" });
      break;
    case "stop":
      control.stop.abort(new Stopped());
      control.resume?.();
      break;
  }
});

/** Where a new device or a new worker resumes. */
const progress: Resumption & { checkpoint: Checkpoint | null } = { next: 0, backend: null, checkpoint: null };

async function start(settings: TrainingSettings, origin: string, resume: Resumption | null): Promise<void> {
  setInterval(giveSign, MILLISECONDS_BETWEEN_SIGNS); // between computations, and while the GPU computes
  await holdLock();
  const saved = resume ? await loadCheckpoint() : await deleteCheckpoint();
  if (resume) Object.assign(progress, resume);
  if (
    saved &&
    saved.variant === settings.variants[progress.next] &&
    JSON.stringify(saved.settings) === JSON.stringify(settings)
  )
    progress.checkpoint = saved.checkpoint;
  try {
    for (let recoveries = 0; ; recoveries++) {
      const device: DeviceState = { fault: null, lost: new AbortController() };
      try {
        await trainAll(settings, origin, device, recoveries);
        break;
      } catch (error) {
        await yieldToMessages(); // a lost device shows as a failed readback first
        if (device.fault === null || control.stop.signal.aborted) throw error;
        send({ kind: "recovering", reason: device.fault });
      }
    }
    await deleteCheckpoint();
    send({ kind: "ended", stopped: false });
  } catch (error) {
    const endless =
      error instanceof Stopped ||
      error instanceof TrainingDiverged ||
      error instanceof OutOfMemory ||
      error instanceof RangeError;
    if (endless) await deleteCheckpoint(); // resuming it would only end here again
    const failure = failureOf(error);
    if (error instanceof Stopped) send({ kind: "ended", stopped: true });
    else if (failure) send({ kind: "failed", failure });
    else send({ kind: "crashed", reason: `the training program crashed (${(error as Error)?.message ?? error})` });
  }
}

/** Holds a lock as long as this worker lives, so that the page notices its end; where there are no locks, it doesn't. */
async function holdLock(): Promise<void> {
  if (!navigator.locks) return;
  const lock = `dmbench-trainer-${crypto.randomUUID()}`;
  await new Promise<void>((resolve) => {
    void navigator.locks.request(lock, () => {
      resolve();
      return new Promise(() => {});
    });
  });
  send({ kind: "holding", lock });
}

let lastSign = 0;

/** Tells the page that this worker doesn't hang. A message leaves at once, even if no other arrives before a computation ends. */
function giveSign(): void {
  const now = performance.now();
  if (now - lastSign < MILLISECONDS_BETWEEN_SIGNS) return;
  lastSign = now;
  send({ kind: "alive" });
}

interface DeviceState {
  /** Why the device can't be used any more. */
  fault: string | null;
  lost: AbortController;
}

/** Trains the unfinished variants, on a newly chosen device. */
async function trainAll(
  settings: TrainingSettings,
  origin: string,
  device: DeviceState,
  recoveries: number,
): Promise<void> {
  const options = { probe: selfTest, now: () => performance.now(), ...wasmFiles(origin) };
  const choose = (wanted: TrainingSettings["backend"]) => chooseBackend({ wanted, ...options });
  const before = progress.backend;
  const chosen = await choose(recoveries > MOST_RECOVERIES ? "wasm" : (before?.name ?? settings.backend));
  if (chosen.name !== "webgpu") beforeProducts(chosen.name, giveSign);
  const backend = { ...chosen, reason: reasonFor(chosen, before, recoveries) };
  const { name, adapter, threads, reason, rejected } = backend;
  progress.backend = { name, reason };
  send({ kind: "backend", backend: { name, adapter, threads, reason, rejected } });
  backend.onFault((fault) => {
    device.fault = fault;
    device.lost.abort(new Error(fault));
  });
  fetched ??= fetchDataset(settings.recipe.dataset, origin);
  const dataset = await fetched;
  const signal = AbortSignal.any([control.stop.signal, device.lost.signal]);
  while (progress.next < settings.variants.length) {
    await trainVariant(settings.variants[progress.next]!, settings, dataset, backend, signal);
    progress.next++;
    progress.checkpoint = null;
  }
}

/** Why this backend computes, also where it continues what another one began. */
function reasonFor(
  { name, reason, rejected }: BackendChoice,
  before: Resumption["backend"],
  recoveries: number,
): string {
  if (!before) return reason;
  if (name === before.name) return before.reason;
  const why =
    recoveries > MOST_RECOVERIES
      ? `its device was lost ${recoveries} times`
      : (rejected.find((rejection) => rejection.name === before.name)?.reason ?? reason);
  return `${backendLabels[before.name]} computed up to step ${progress.checkpoint?.run.step ?? 0}, but could not be had again: ${why}`;
}

let fetched: Promise<Dataset> | null = null;

async function fetchDataset(slug: string, origin: string): Promise<Dataset> {
  const { version } = datasetInfo(slug);
  return loadDataset(slug, async (file) => {
    const response = await fetch(`${origin}/api/v1/datasets/${slug}/${file}?version=${version}`, {
      signal: control.stop.signal,
    });
    if (response.status === 404) return null;
    if (!response.ok) {
      const problem = (await response.json().catch(() => null)) as { title?: string; detail?: string } | null;
      throw new DatasetUnavailableError(problem?.detail ?? `${file}: the server answered ${response.status}.`);
    }
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (const reader = response.body!.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      bytes += value.length;
      send({ kind: "data", file, bytes });
    }
    return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  });
}

async function trainVariant(
  variant: Variant,
  settings: TrainingSettings,
  dataset: Dataset,
  backend: BackendChoice,
  signal: AbortSignal,
): Promise<void> {
  const { recipe, seed, benchmark, policies: slugs } = settings;
  const policies = builtInPolicies.filter(({ slug }) => slugs.includes(slug));
  const plan = planRun({ recipe, variant, seed, dataset });
  const { steps, stepsPerEpoch } = plan.shape;
  const from = progress.checkpoint;
  const saved = { settings, variant, steps, backend: progress.backend };
  if (progress.next > 0 && from === null) await saveCheckpoint({ ...saved, checkpoint: null });
  const earlier = from && { losses: from.losses, observations: from.observations };
  send({
    kind: "variant",
    variant,
    steps,
    stepsPerEpoch,
    layers: batchNormsOf(plan.graph).map(({ name }) => name),
    traced: keepsTrace(plan),
    memory: describeMemory(plan, backend.limits),
    earlier,
  });
  const options = {
    policies,
    evaluations: evaluationsPerRun,
    now: () => performance.now(),
    limits: backend.limits,
    checkpointEvery: MILLISECONDS_BETWEEN_CHECKPOINTS,
    from,
    signal,
  };
  for await (const report of trainAndScore(plan, options)) {
    if (report.kind === "checkpoint") {
      progress.checkpoint = report.checkpoint;
      await saveCheckpoint({ ...saved, checkpoint: report.checkpoint });
    } else if (report.kind === "finished") {
      const { name, adapter, reason, threads } = backend;
      const place = {
        backend: { name, adapter: repairText(adapter, 256), reason: repairText(reason, 512), threads },
        platform: repairText(navigator.userAgent, 512),
      };
      const weights = settings.ticket ? await trajectoryFile(report.result.run, name, weightsLimitBytes) : null;
      send({ kind: "finished", variant, result: { ...recordOf({ ...report.result, benchmark, ...place }), weights } });
    } else {
      send(report);
    }
    await yieldToMessages();
    await control.paused;
  }
}

/** Lets messages arrive: on backends that never wait, pause and stop would otherwise wait for the end. */
function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Null for an error that isn't known as one of the settings, the data or the machine: another worker may have none. */
function failureOf(error: unknown): Failure | null {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof OutOfMemory) return { title: "Not enough memory", detail };
  if (error instanceof TrainingDiverged) return { title: "Training diverged", detail };
  if (error instanceof DatasetUnavailableError) return { title: "This data set is not here yet", detail };
  if (error instanceof DatasetError) return { title: "A data file is damaged", detail };
  if (error instanceof RangeError || error instanceof PolicyError)
    return { title: "These settings do not fit together", detail };
  return null;
}
