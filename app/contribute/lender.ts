/**
 * Lends this machine: trains what boards need, run after run, and publishes each run as it ends, whatever page is shown.
 */
import { tabState } from "@/app/_components/tab-state";
import { plural } from "@/app/_components/text/format";
import { loadCheckpoint } from "@/app/_components/training/checkpoint-store";
import type { Finished, Training } from "@/app/_components/training/progress";
import { isRunning } from "@/app/_components/training/progress";
import type { Resumption, TrainingSettings } from "@/app/_components/training/protocol";
import { forgetTicket, withSeed } from "@/app/_components/training/seed-from-board";
import { parseForm } from "@/app/_components/training/settings";
import { onTabTraining, sendToTrainer, startTraining, tabTraining } from "@/app/_components/training/trainer";
import { loadLentRuns } from "@/app/_components/training/unpublished-runs";
import { readTrainingForm, variantLabels } from "@/lib/leaderboard";
import { whenOnBattery } from "./battery";
import type { LendBoard, Lending } from "./lending";
import { boardFor, notLending, recall, remember, withGiven } from "./lending";
import { sendRun } from "./outbox";

/** What it works with; a page that shows newer boards replaces it. */
interface Offer {
  /** The one that needs a run most first. */
  boards: readonly LendBoard[];
  /** Slugs of the policies that are scored. */
  policies: readonly string[];
  /** Who publishes. */
  account: string;
}

export interface Lender {
  lending: Lending;
  /** Why it waits or has stopped, or what became of the last run. */
  note: string | null;
  onBattery: boolean;
}

export const idleLender: Lender = { lending: notLending, note: null, onBattery: false };

const secondsBetweenTries = 30;
const wait = () => new Promise((resolve) => setTimeout(resolve, 1000 * secondsBetweenTries));

const state = tabState(idleLender);
let offer: Offer | null = null;
let looping = false;
/** Slugs of boards that this machine could not train. */
const aside = new Set<string>();
/** Runs that are finished and not sent, also where the browser stores none. */
const unsent = new Map<string, Finished>();
const seen = new Set<string>();
let sending = Promise.resolve(true);

export const { get: lender, subscribe: onLender } = state;

const change = (next: Partial<Lender>): void => state.set({ ...lender(), ...next });

export function changeLending(next: Partial<Lending>): void {
  const lending = { ...lender().lending, ...next };
  remember(lending);
  change({ lending });
  restOnBattery();
}

const note = (text: string | null): void => change({ note: text });

function stopLending(why: string): null {
  note(why);
  changeLending({ on: false });
  return null;
}

/** What this browser remembers of lending; where it lent before a reload, and an account is signed in, it goes on. */
export function recallLending(next: Omit<Offer, "account"> & { account: string | null }): void {
  const { account } = next;
  if (account !== null) offer = { ...next, account };
  if (looping) return;
  const remembered = recall();
  changeLending(account === null ? { ...remembered, on: false } : remembered);
  if (lender().lending.on) void lend();
}

export function beginLending(next: Offer): void {
  offer = next;
  aside.clear();
  note(null);
  changeLending({ on: true });
  void lend();
}

async function lend(): Promise<void> {
  if (looping) return;
  looping = true;
  const unwatch = whenOnBattery((onBattery) => {
    change({ onBattery });
    restOnBattery();
  });
  const unsubscribe = onTabTraining(takeFinished);
  try {
    await sendWaiting();
    while (lender().lending.on) {
      const next = await nextTraining();
      if (!next || !(await train(next))) return;
      while (!(await sendWaiting()) && lender().lending.on) await wait();
    }
  } finally {
    unwatch();
    unsubscribe();
    looping = false;
  }
}

/** False if lending has ended. */
async function train({ settings, resume }: { settings: TrainingSettings; resume: Resumption | null }) {
  const started = await startTraining(settings, { resume });
  if (started === "another-tab")
    stopLending("Another tab of this browser is training. Lending goes on here once you close it and start again.");
  if (started === "this-tab") stopLending("A training of yours is running. Lend this machine again once it has ended.");
  if (started !== "started") return false;
  restOnBattery();
  const { phase, failure } = await outcome();
  const { slug } = settings.benchmark!;
  if (phase === "stopped") changeLending({ on: false });
  else if (phase === "failed") {
    note(`${slug}: ${failure?.title}. ${failure?.detail}`);
    aside.add(slug);
  } else forgetTicket(slug);
  return phase !== "stopped";
}

/** The training of this tab once it has ended. */
function outcome(): Promise<Training> {
  return new Promise((resolve) => {
    const look = () => {
      const { training } = tabTraining();
      if (isRunning(training)) return;
      unsubscribe();
      resolve(training);
    };
    const unsubscribe = onTabTraining(look);
    look();
  });
}

/** What to train next; null if there is nothing for this machine. */
async function nextTraining(): Promise<{ settings: TrainingSettings; resume: Resumption | null } | null> {
  const saved = await loadCheckpoint();
  if (saved?.settings.lent) {
    const next = saved.settings.variants.indexOf(saved.variant);
    return { settings: saved.settings, resume: { next, backend: saved.backend ?? null } };
  }
  if (saved) return stopLending("A training of yours waits on the page Train: resume it there, or discard it.");
  for (;;) {
    const { boards, policies } = offer!;
    const board = boardFor(boards, lender().lending.board, aside);
    if (!board)
      return stopLending("This machine could train none of these boards. Choose another, or reload the page.");
    const form = parseForm(readTrainingForm(new URLSearchParams({ benchmark: board.slug })), policies);
    if ("issues" in form) throw new Error(`${board.slug}: ${Object.values(form.issues).join(" ")}`);
    const seeded = await withSeed(form.wanted);
    if ("settings" in seeded) return { settings: { ...seeded.settings, lent: true }, resume: null };
    const { status, title, detail } = seeded.problem;
    if (status !== 0 && status < 500 && status !== 429) {
      note(`${board.title}: ${detail}`);
      aside.add(board.slug);
      continue;
    }
    note(`${title}. Trying again in ${secondsBetweenTries} seconds.`);
    await wait();
    if (!lender().lending.on) return null;
  }
}

/** Each run is sent as it ends, while the next is trained. */
function takeFinished(): void {
  for (const run of tabTraining().training.finished) {
    if (!run.lent || seen.has(run.idempotencyKey)) continue;
    seen.add(run.idempotencyKey);
    unsent.set(run.idempotencyKey, run);
    void sendWaiting();
  }
}

/** Sends what waits; false if some of it still does. One call at a time. */
function sendWaiting(): Promise<boolean> {
  sending = sending.then(sendAll, sendAll);
  return sending;
}

async function sendAll(): Promise<boolean> {
  for (const run of await loadLentRuns()) if (!unsent.has(run.idempotencyKey)) unsent.set(run.idempotencyKey, run);
  for (const [key, run] of unsent) {
    const sent = await sendRun(run, offer!.account);
    if (sent.kind === "later" || sent.kind === "ended") {
      const kept = `${plural(unsent.size, "finished run")} ${unsent.size === 1 ? "is" : "are"} kept in this browser.`;
      note(`${sent.reason} ${kept}`);
      if (sent.kind === "ended") changeLending({ on: false });
      return false;
    }
    unsent.delete(key);
    if (sent.kind === "refused") note(sent.reason);
    else {
      const { benchmark, manifest } = run.record;
      const title = `${benchmark?.slug}, ${variantLabels[manifest.variant]}, seed ${manifest.seed}`;
      changeLending(withGiven(lender().lending, { url: sent.url, title }));
      note(sent.ranks ? null : `${title} was published without a rank: somebody used its ticket.`);
    }
  }
  return true;
}

export const rests = ({ lending, onBattery }: Lender): boolean => onBattery && !lending.onBattery;

/** Whether it was paused for want of power, and not by the user. */
let rested = false;

function restOnBattery(): void {
  const { training } = tabTraining();
  if (!looping || !isRunning(training) || !training.lent) return;
  if (rests(lender()) && !training.paused && !rested) {
    rested = true;
    sendToTrainer({ kind: "pause" });
  } else if (!rests(lender()) && rested) {
    rested = false;
    if (training.paused) sendToTrainer({ kind: "resume" });
  }
}
