/**
 * The training of this tab: one worker, which goes on whatever page is shown. Its state changes at most four times a
 * second, however often the worker reports.
 */
import { newKey } from "@/app/_components/new-key";
import { anotherTabTrains, onlyTab } from "@/app/_components/one-tab";
import { tabState } from "@/app/_components/tab-state";
import type { SavedTraining } from "./checkpoint-store";
import { deleteCheckpoint, loadCheckpoint } from "./checkpoint-store";
import type { Finished, Training } from "./progress";
import { advance, fractionDone, idle, isRunning, secondsLeft } from "./progress";
import type { Command, Resumption, TrainerMessage, TrainingSettings } from "./protocol";
import type { UnderWay } from "./under-way";
import { interruptedHere, markRunning, pausedBy, setUnderWay } from "./under-way";
import { deleteUnpublishedRun, loadUnpublishedRuns, saveUnpublishedRun } from "./unpublished-runs";

const MILLISECONDS_BETWEEN_CHANGES = 250;
/** A worker that is busy compiling handles no messages: after this time, it is terminated. */
const STOP_PATIENCE_MILLISECONDS = 3000;

/**
 * A worker that gives no sign for so many checks hangs: after five minutes, which no shader takes to compile and no
 * product to compute. Checks are counted, not time: while a computer sleeps, there are none.
 */
const MOST_SILENT_CHECKS = 30;
const MILLISECONDS_BETWEEN_CHECKS = 10_000;

/** A training whose worker crashes more often fails. */
const MOST_RESTARTS = 3;

export interface TabTraining {
  training: Training;
  /** Null before the first training of this tab. */
  settings: TrainingSettings | null;
  /** Addresses of published runs by their idempotency keys. */
  published: ReadonlyMap<string, string>;
  /** What was discarded last, for as long as that can be undone. */
  discarded: readonly Finished[];
}

export const nothingYet: TabTraining = { training: idle, settings: null, published: new Map(), discarded: [] };

const state = tabState(nothingYet);
let latest: Training = idle;
let worker: Worker | null = null;
let stopping = false;
let timer: ReturnType<typeof setTimeout> | null = null;
let release = () => {};
/** The query of the page's form when it was started: whoever comes back finds the form as it was. */
let form = "";

export const { get: tabTraining, subscribe: onTabTraining } = state;

function change(next: Partial<TabTraining>): void {
  const before = tabTraining();
  const after = { ...before, ...next };
  const wasRunning = isRunning(before.training);
  const running = isRunning(after.training);
  if (running !== wasRunning) {
    markRunning(running);
    // The browser asks for confirmation, in its own words, before the tab leaves the site and ends a training.
    if (running) addEventListener("beforeunload", ask);
    else {
      removeEventListener("beforeunload", ask);
      release();
    }
  }
  state.set(after);
  tellHeader();
}

const ask = (event: BeforeUnloadEvent) => event.preventDefault();

function tellHeader(): void {
  const { training, settings } = tabTraining();
  const status = headerState(training);
  const shows = isRunning(training) || (settings !== null && (waiting().length > 0 || status === "failed"));
  const variants = settings?.variants.length ?? 1;
  setUnderWay(
    shows
      ? {
          state: status,
          fraction: Math.floor(100 * fractionDone(training, variants)) / 100,
          secondsLeft: isRunning(training) ? secondsLeft(training, variants) : null,
          page: training.lent ? "/contribute" : "/train",
          query: training.lent ? "" : form,
        }
      : null,
  );
}

function headerState(training: Training): UnderWay["state"] {
  if (isRunning(training)) return training.paused ? "paused" : "running";
  return training.phase === "failed" ? "failed" : "finished";
}

function take(report: TrainerMessage): void {
  latest = advance(latest, report, newKey);
  if (report.kind === "finished") void saveUnpublishedRun(latest.finished.at(-1)!);
  if (report.kind === "ended" || report.kind === "failed") {
    worker?.terminate();
    worker = null;
  }
  const often =
    report.kind === "steps" || report.kind === "scoring" || report.kind === "data" || report.kind === "observation";
  if (often) timer ??= setTimeout(show, MILLISECONDS_BETWEEN_CHANGES);
  else show();
}

function show(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  change({ training: latest });
}

/** Starts a worker; when it crashes, the next one resumes from the last checkpoint. */
function launch(settings: TrainingSettings, resume: Resumption | null, restarts = 0): void {
  // The bundler only builds the worker from this literal form.
  const started = new Worker(new URL("./trainer.worker.ts", import.meta.url), { type: "module" });
  worker = started;
  let next = resume?.next ?? 0;
  const crashed = (reason: string) => {
    if (worker !== started) return;
    if (stopping) return take({ kind: "ended", stopped: true });
    if (restarts === MOST_RESTARTS)
      return take({
        kind: "failed",
        failure: {
          title: "The training program stopped",
          detail:
            `${reason}. It was started again ${MOST_RESTARTS} times, and stopped each time. Reload the page and ` +
            "train again; choose WASM or CPU if it happens again.",
        },
      });
    started.terminate();
    take({ kind: "recovering", reason });
    launch(settings, { next, backend: latest.backend ?? resume?.backend ?? null }, restarts + 1);
    if (latest.paused) worker?.postMessage({ kind: "pause" } satisfies Command);
  };
  let silentChecks = 0;
  const watch = setInterval(() => {
    if (worker !== started) clearInterval(watch);
    else if (++silentChecks > MOST_SILENT_CHECKS) crashed("the training program gave no sign of life");
  }, MILLISECONDS_BETWEEN_CHECKS);
  started.onmessage = ({ data }: MessageEvent<TrainerMessage>) => {
    if (worker !== started) return;
    silentChecks = 0;
    if (data.kind === "finished") next++;
    if (data.kind === "crashed") crashed(data.reason);
    // A worker that ends without an error event is noticed by its lock.
    else if (data.kind === "holding")
      void navigator.locks.request(data.lock, () => crashed("the training program ended"));
    else take(data);
  };
  started.onerror = ({ message }) =>
    crashed(message ? `the training program crashed (${message})` : "the training program could not be loaded");
  started.onmessageerror = () => crashed("a message of the training program could not be read");
  started.postMessage({ kind: "start", settings, origin: location.origin, resume } satisfies Command);
}

interface StartOptions {
  resume?: Resumption | null;
  /** Runs of the same training that had finished. */
  finished?: Finished[];
  /** Even if another tab is training. */
  anyway?: boolean;
}

/** Starts a training, unless one is running: in this tab or, if not `anyway`, in another one. */
export async function startTraining(
  settings: TrainingSettings,
  { resume = null, finished = [], anyway = false }: StartOptions = {},
): Promise<"started" | "this-tab" | "another-tab"> {
  if (isRunning(latest)) return "this-tab";
  const before = latest;
  latest = { ...idle, phase: "starting", finished, ticket: settings.ticket, lent: settings.lent };
  const ended = new Promise<void>((resolve) => (release = resolve));
  if (!(await onlyTab(ended)) && !anyway) {
    latest = before;
    return "another-tab";
  }
  stopping = false;
  form = location.pathname === "/train" ? location.search : "";
  change({ training: latest, settings, published: new Map(), discarded: [] });
  launch(settings, resume);
  return "started";
}

/** Resumes the training that a reload or a crash interrupted; its finished variants stay. */
export async function resumeTraining({ settings, variant, backend }: SavedTraining) {
  const next = settings.variants.indexOf(variant);
  const earlier = settings.variants.slice(0, next);
  return startTraining(settings, {
    resume: { next, backend: backend ?? null }, // a page of an earlier version saved none
    finished: latest.finished.filter(({ record }) => earlier.includes(record.manifest.variant)),
  });
}

export function sendToTrainer(command: Command): void {
  const addressee = worker;
  addressee?.postMessage(command);
  if (command.kind !== "stop") return;
  stopping = true;
  void deleteCheckpoint();
  setTimeout(
    () => worker === addressee && addressee && take({ kind: "ended", stopped: true }),
    STOP_PATIENCE_MILLISECONDS,
  );
}

pausedBy((paused) => sendToTrainer({ kind: paused ? "pause" : "resume" }));

/** Shows runs that finished earlier, or none. */
function showFinished(finished: Finished[]): void {
  latest = { ...idle, phase: finished.length > 0 ? "ended" : "idle", finished };
  change({ training: latest });
}

const waiting = (): Finished[] =>
  latest.finished.filter(({ lent, idempotencyKey }) => !lent && !tabTraining().published.has(idempotencyKey));

/** Shows the unpublished runs that the browser keeps, where no training or run of this tab is shown. */
export async function restoreUnpublished(): Promise<void> {
  const nothing = () => (latest.phase === "idle" || latest.phase === "ended") && waiting().length === 0;
  if (!nothing()) return;
  const runs = await loadUnpublishedRuns();
  if (runs.length > 0 && nothing()) showFinished(runs);
}

/** Forgets the finished runs that are not published; `undoDiscard` brings them back until the next training. */
export function discard(): void {
  const discarded = waiting();
  for (const { idempotencyKey } of discarded) void deleteUnpublishedRun(idempotencyKey);
  showFinished([]);
  change({ discarded });
}

export function undoDiscard(): void {
  const runs = [...tabTraining().discarded];
  for (const run of runs) void saveUnpublishedRun(run);
  showFinished(runs);
  change({ discarded: [] });
}

export function runPublished({ idempotencyKey }: Finished, url: string): void {
  change({ published: new Map(tabTraining().published).set(idempotencyKey, url) });
  void deleteUnpublishedRun(idempotencyKey);
}

let resumed: Promise<void> | null = null;

/**
 * Goes on, once, with the training that a reload of this tab ended. Not twice from the same step: it may be what ended
 * the tab. One of a lent machine is left to the page that lends.
 */
export function resumeAfterReload(): Promise<void> {
  const resume = async () => {
    const interrupted = interruptedHere();
    markRunning(false);
    if (!interrupted || (await anotherTabTrains())) return;
    const saved = await loadCheckpoint();
    const step = saved?.checkpoint?.run.step ?? 0;
    if (!saved || saved.settings.lent || step === interrupted.resumedFrom) return;
    await restoreUnpublished();
    if ((await resumeTraining(saved)) === "started") markRunning(true, step);
  };
  resumed ??= resume();
  return resumed;
}
