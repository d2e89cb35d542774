"use client";
/** A training in a worker, as a component sees it: at most four updates a second, however often the worker reports. */
import { useCallback, useEffect, useRef, useState } from "react";
import { deleteCheckpoint } from "./checkpoint-store";
import type { Training } from "./progress";
import { advance, idle, isRunning } from "./progress";
import type { Command, Failure, TrainerMessage, TrainingSettings } from "./protocol";

const MILLISECONDS_BETWEEN_CHANGES = 250;
/** A worker that is busy compiling handles no messages: after this time, it is terminated. */
const STOP_PATIENCE_MILLISECONDS = 3000;

/** 128 bits; `crypto.randomUUID` exists only in secure contexts. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function useTraining() {
  const [training, setTraining] = useState<Training>(idle);
  const latest = useRef<Training>(idle);
  const worker = useRef<Worker | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  const take = useCallback((report: TrainerMessage) => {
    latest.current = advance(latest.current, report, newKey);
    if (report.kind === "ended" || report.kind === "failed") {
      worker.current?.terminate();
      worker.current = null;
    }
    const show = () => {
      timer.current = null;
      setTraining(latest.current);
    };
    const often =
      report.kind === "steps" || report.kind === "scoring" || report.kind === "data" || report.kind === "observation";
    if (!often) {
      if (timer.current) clearTimeout(timer.current);
      show();
    } else timer.current ??= setTimeout(show, MILLISECONDS_BETWEEN_CHANGES);
  }, []);

  const start = useCallback(
    (
      settings: TrainingSettings,
      { resume = false, finished = [] }: { resume?: boolean; finished?: Training["finished"] } = {},
    ) => {
      worker.current?.terminate();
      latest.current = { ...idle, phase: "starting", finished };
      setTraining(latest.current);
      // The bundler only builds the worker from this literal form.
      const started = new Worker(new URL("./trainer.worker.ts", import.meta.url), { type: "module" });
      worker.current = started;
      const fail = (failure: Failure) => worker.current === started && take({ kind: "failed", failure });
      started.onmessage = ({ data }: MessageEvent<TrainerMessage>) => worker.current === started && take(data);
      started.onerror = (event) =>
        fail({
          title: "The training program stopped",
          detail:
            `${event.message || "It could not be loaded"}. Reload the page and train again; choose WASM or CPU if ` +
            "it happens again.",
        });
      started.onmessageerror = () =>
        fail({
          title: "The training program stopped",
          detail: "One of its messages could not be read. Reload the page and train again.",
        });
      started.postMessage({ kind: "start", settings, origin: location.origin, resume } satisfies Command);
    },
    [take],
  );

  const send = useCallback(
    (command: Command) => {
      const addressee = worker.current;
      addressee?.postMessage(command);
      if (command.kind !== "stop") return;
      void deleteCheckpoint();
      setTimeout(
        () => worker.current === addressee && addressee && take({ kind: "ended", stopped: true }),
        STOP_PATIENCE_MILLISECONDS,
      );
    },
    [take],
  );

  /** Shows runs that finished earlier, or none. */
  const show = useCallback((finished: Training["finished"]) => {
    latest.current = { ...idle, phase: finished.length > 0 ? "ended" : "idle", finished };
    setTraining(latest.current);
  }, []);

  useEffect(
    () => () => {
      worker.current?.terminate();
      if (timer.current) clearTimeout(timer.current);
    },
    [],
  );

  // The browser asks for confirmation, in its own words, before a navigation ends a training.
  const running = isRunning(training);
  useEffect(() => {
    if (!running) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [running]);

  return { training, running, start, send, show };
}
