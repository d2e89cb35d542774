"use client";
/** A training in a worker, as a component sees it: at most four updates a second, however often the worker reports. */
import { useCallback, useEffect, useRef, useState } from "react";
import { newKey } from "@/app/_components/new-key";
import { deleteCheckpoint } from "./checkpoint-store";
import type { Training } from "./progress";
import { advance, idle, isRunning } from "./progress";
import type { Command, Resumption, TrainerMessage, TrainingSettings } from "./protocol";

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

export function useTraining() {
  const [training, setTraining] = useState<Training>(idle);
  const latest = useRef<Training>(idle);
  const worker = useRef<Worker | null>(null);
  const stopping = useRef(false);
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

  /** Starts a worker; when it crashes, the next one resumes from the last checkpoint. */
  const launch = useCallback(
    (settings: TrainingSettings, resume: Resumption | null, restarts = 0) => {
      // The bundler only builds the worker from this literal form.
      const started = new Worker(new URL("./trainer.worker.ts", import.meta.url), { type: "module" });
      worker.current = started;
      let next = resume?.next ?? 0;
      const crashed = (reason: string) => {
        if (worker.current !== started) return;
        if (stopping.current) return take({ kind: "ended", stopped: true });
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
        launch(settings, { next, backend: latest.current.backend ?? resume?.backend ?? null }, restarts + 1);
        if (latest.current.paused) worker.current?.postMessage({ kind: "pause" } satisfies Command);
      };
      let silentChecks = 0;
      const watch = setInterval(() => {
        if (worker.current !== started) clearInterval(watch);
        else if (++silentChecks > MOST_SILENT_CHECKS) crashed("the training program gave no sign of life");
      }, MILLISECONDS_BETWEEN_CHECKS);
      started.onmessage = ({ data }: MessageEvent<TrainerMessage>) => {
        if (worker.current !== started) return;
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
    },
    [take],
  );

  const start = useCallback(
    (
      settings: TrainingSettings,
      { resume = null, finished = [] }: { resume?: Resumption | null; finished?: Training["finished"] } = {},
    ) => {
      worker.current?.terminate();
      stopping.current = false;
      latest.current = { ...idle, phase: "starting", finished, ticket: settings.ticket, lent: settings.lent };
      setTraining(latest.current);
      launch(settings, resume);
    },
    [launch],
  );

  const send = useCallback(
    (command: Command) => {
      const addressee = worker.current;
      addressee?.postMessage(command);
      if (command.kind !== "stop") return;
      stopping.current = true;
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
      worker.current = null;
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
