/**
 * What the header of every page knows of the training of this tab. Apart from the training itself, so that pages that
 * don't train load little.
 */
import { tabState } from "../tab-state";

export interface UnderWay {
  state: "running" | "paused" | "finished" | "failed";
  /** From 0 to 1. */
  fraction: number;
  /** Null before it is known. */
  secondsLeft: number | null;
  /** The page that shows it, and its query. */
  page: "/train" | "/contribute";
  query: string;
}

const state = tabState<UnderWay | null>(null);
let pause: (paused: boolean) => void = () => {};

export const { get: underWay, subscribe: onUnderWay } = state;

export function setUnderWay(next: UnderWay | null): void {
  if (JSON.stringify(next) !== JSON.stringify(underWay())) state.set(next);
}

/** @param action of the training itself */
export function pausedBy(action: (paused: boolean) => void): void {
  pause = action;
}

export const pauseTraining = (paused: boolean): void => pause(paused);

const KEY = "training";

/** Remembers, for a reload of this tab, that a training is running in it, and the step that a reload resumed it from. */
export function markRunning(running: boolean, resumedFrom: number | null = null): void {
  try {
    if (running) sessionStorage.setItem(KEY, String(resumedFrom ?? sessionStorage.getItem(KEY) ?? ""));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is blocked, and so are checkpoints.
  }
}

/** Whether a reload or a crash of this tab ended a training, and the step that one resumed it from before. */
export function interruptedHere(): { resumedFrom: number | null } | null {
  try {
    const value = sessionStorage.getItem(KEY);
    return value === null ? null : { resumedFrom: value === "" ? null : Number(value) };
  } catch {
    return null;
  }
}
