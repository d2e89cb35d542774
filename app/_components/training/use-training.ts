"use client";
/** The training of this tab, as a component sees it. */
import { useSyncExternalStore } from "react";
import { isRunning } from "./progress";
import { nothingYet, onTabTraining, tabTraining } from "./trainer";

export function useTraining() {
  const state = useSyncExternalStore(onTabTraining, tabTraining, () => nothingYet);
  return { ...state, running: isRunning(state.training) };
}
