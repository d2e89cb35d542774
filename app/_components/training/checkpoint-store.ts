/**
 * The checkpoint of the current training, saved in the browser every few seconds so that it can resume after a reload
 * or a crash.
 */

import type { Variant } from "@/lib/records";
import type { Checkpoint } from "@/lib/training";
import { within } from "./browser-store";
import type { Resumption, TrainingSettings } from "./protocol";

const STORE = "training-under-way";
/** Key of the only entry; a new one whenever the meaning of a checkpoint's numbers changes. */
const NAME = "latest-2";

export interface SavedTraining {
  settings: TrainingSettings;
  /** The variant in training; earlier ones have finished. */
  variant: Variant;
  /** Total steps of the variant's run. */
  steps: number;
  /** Null before the variant's first checkpoint. */
  checkpoint: Checkpoint | null;
  backend: Resumption["backend"];
}

/** Null if no training was interrupted, or storage is blocked. */
export async function loadCheckpoint(): Promise<SavedTraining | null> {
  return (await within<SavedTraining & { name: string }>(STORE, "readonly", (store) => store.get(NAME))) ?? null;
}

export async function saveCheckpoint(training: SavedTraining): Promise<void> {
  await within(STORE, "readwrite", (store) => store.put({ ...training, name: NAME }));
}

/** Call it when the training has ended, was stopped, or the user discards it. */
export async function deleteCheckpoint(): Promise<void> {
  await within(STORE, "readwrite", (store) => store.delete(NAME));
}
