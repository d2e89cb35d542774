/**
 * The training that is running, saved in the browser every few seconds so that it can resume after a reload or a crash.
 */

import type { Variant } from "@/lib/records";
import type { Checkpoint } from "@/lib/training";
import { within } from "./browser-store";
import type { TrainingSettings } from "./protocol";

const STORE = "training-under-way";
/** There is one. */
const NAME = "latest";

export interface SavedTraining {
  settings: TrainingSettings;
  /** In training; those before it have finished. */
  variant: Variant;
  /** Of the variant's whole run. */
  steps: number;
  /** Null before its first. */
  checkpoint: Checkpoint | null;
}

/** Null where none was interrupted, or the browser keeps nothing. */
export async function loadCheckpoint(): Promise<SavedTraining | null> {
  return (await within<SavedTraining & { name: string }>(STORE, "readonly", (store) => store.get(NAME))) ?? null;
}

export async function saveCheckpoint(training: SavedTraining): Promise<void> {
  await within(STORE, "readwrite", (store) => store.put({ ...training, name: NAME }));
}

/** When it has ended, was stopped, or the user gives it up. */
export async function deleteCheckpoint(): Promise<void> {
  await within(STORE, "readwrite", (store) => store.delete(NAME));
}
