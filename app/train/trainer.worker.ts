/**
 * The worker that trains: away from the page, so that neither hides the other's
 * slowness, and a hidden tab goes on training.
 */
import { builtInPolicies, PolicyError } from "@/lib/dmbn";
import { type Dataset, DatasetError, DatasetUnavailableError, datasetInfo, loadDataset } from "@/lib/datasets";
import { batchNormsOf } from "@/lib/models";
import { type BackendChoice, chooseBackend } from "@/lib/runtime";
import { conduct, OutOfMemory, planRun, recordOf, selfTest, TrainingDiverged } from "@/lib/training";
import type { Variant } from "@/lib/training/recipe";
import type { Command, Failure, Report, TrainingSettings } from "./protocol";
import { wasmFiles } from "./wasm-files";

/** Looks at a run this often over its length. */
const OBSERVATIONS = 12;

const tell = (report: Report) => self.postMessage(report);

/** The user pressed stop. */
class Stopped extends Error {}

const control = { stop: new AbortController(), resume: null as (() => void) | null, paused: Promise.resolve() };

self.addEventListener("message", ({ data }: MessageEvent<Command>) => {
  switch (data.kind) {
    case "start":
      void start(data.settings, data.origin);
      break;
    case "pause":
      if (control.resume) break;
      control.paused = new Promise((resolve) => (control.resume = resolve));
      tell({ kind: "paused" });
      break;
    case "resume":
      control.resume?.();
      control.resume = null;
      tell({ kind: "resumed" });
      break;
    case "stop":
      control.stop.abort(new Stopped());
      control.resume?.();
      break;
  }
});

async function start(settings: TrainingSettings, origin: string): Promise<void> {
  try {
    const backend = await chooseBackend({ wanted: settings.backend, probe: selfTest, now: () => performance.now(), ...wasmFiles(origin) });
    const { name, adapter, threads, reason, rejected } = backend;
    tell({ kind: "backend", backend: { name, adapter, threads, reason, rejected } });
    backend.onFault((fault) => control.stop.abort(new Error(`${fault}. Reload the page; choose WASM if it happens again.`)));
    const dataset = await fetchDataset(settings.recipe.dataset, origin);
    for (const variant of settings.variants) await trainVariant(variant, settings, dataset, backend);
    tell({ kind: "ended", stopped: false });
  } catch (error) {
    if (error instanceof Stopped) tell({ kind: "ended", stopped: true });
    else tell({ kind: "failed", failure: failureOf(error) });
  }
}

async function fetchDataset(slug: string, origin: string): Promise<Dataset> {
  const { version } = datasetInfo(slug);
  return loadDataset(slug, async (file) => {
    const response = await fetch(`${origin}/api/v1/datasets/${slug}/${file}?version=${version}`, { signal: control.stop.signal });
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
      tell({ kind: "data", file, bytes });
    }
    return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  });
}

async function trainVariant(variant: Variant, { recipe, seed, benchmark, policies: slugs }: TrainingSettings, dataset: Dataset, backend: BackendChoice): Promise<void> {
  const policies = builtInPolicies.filter(({ slug }) => slugs.includes(slug));
  const plan = planRun({ recipe, variant, seed, dataset });
  const { steps, stepsPerEpoch } = plan.shape;
  tell({ kind: "variant", variant, steps, stepsPerEpoch, layers: batchNormsOf(plan.graph).map(({ name }) => name) });
  for await (const report of conduct(plan, { policies, looks: OBSERVATIONS, now: () => performance.now(), limits: backend.limits, signal: control.stop.signal })) {
    if (report.kind === "finished") {
      const { name, adapter, reason, threads } = backend;
      const place = { backend: { name, adapter: adapter.slice(0, 256), reason: reason.slice(0, 512), threads }, platform: navigator.userAgent.slice(0, 512) };
      tell({ kind: "finished", variant, result: recordOf({ ...report.conducted, benchmark, ...place }) });
    } else {
      tell(report);
    }
    await breathe();
    await control.paused;
  }
}

/** Lets messages in: pause and stop would otherwise wait for the end on backends that never wait. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

function failureOf(error: unknown): Failure {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof OutOfMemory) return { title: "Not enough memory", detail };
  if (error instanceof TrainingDiverged) return { title: "Training diverged", detail };
  if (error instanceof DatasetUnavailableError) return { title: "This data set is not here yet", detail };
  if (error instanceof DatasetError) return { title: "A data file is damaged", detail };
  if (error instanceof RangeError || error instanceof PolicyError) return { title: "These settings do not fit together", detail };
  return { title: "Training stopped", detail };
}
