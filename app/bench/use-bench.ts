"use client";
/** A measurement in a worker, as a component sees it. A worker that hangs or crashes is replaced for what is left. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Progress } from "./progress";
import { advance, begin, giveUp, idle, stop } from "./progress";
import type { BenchMessage, Start } from "./protocol";
import { allJobs } from "./protocol";

/** Enough to fetch and compile any backend. */
const STARTING_PATIENCE_SECONDS = 30;
/** A job gets this many times its share before its worker is ended: a single step may block. */
const PATIENCE = 2;
/** … and these seconds, for what a busy machine does meanwhile. */
const GRACE_SECONDS = 5;

export function useBench() {
  const [progress, setProgress] = useState<Progress>(idle);
  const latest = useRef<Progress>(idle);
  const worker = useRef<Worker | null>(null);
  const watch = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const set = useCallback((next: Progress) => {
    latest.current = next;
    setProgress(next);
  }, []);

  const end = useCallback(() => {
    clearTimeout(watch.current);
    worker.current?.terminate();
    worker.current = null;
  }, []);

  const launch = useCallback(
    (seconds: number) => {
      const jobs = latest.current.waiting;
      let left = seconds;
      // The bundler only builds the worker from this literal form.
      const started = new Worker(new URL("./measure.worker.ts", import.meta.url), { type: "module" });
      worker.current = started;
      const replace = (reason: string) => {
        if (worker.current !== started) return;
        end();
        set(giveUp(latest.current, reason));
        if (latest.current.waiting.length === 0) set(advance(latest.current, { kind: "ended" }));
        else launch(left);
      };
      const wait = (patience: number, reason: string) => {
        clearTimeout(watch.current);
        watch.current = setTimeout(() => replace(reason), 1000 * patience);
      };
      started.onmessage = ({ data }: MessageEvent<BenchMessage>) => {
        if (worker.current !== started) return;
        set(advance(latest.current, data));
        if (data.kind === "ended") return end();
        if (data.kind === "begun") {
          left = data.left - data.seconds;
          wait(PATIENCE * data.seconds + GRACE_SECONDS, "too slow to measure here: a single step takes too long");
        } else if (data.kind !== "round")
          wait(STARTING_PATIENCE_SECONDS, `it did not start within ${STARTING_PATIENCE_SECONDS} s`);
      };
      started.onerror = ({ message }) =>
        replace(message ? `its program crashed: ${message}` : "its program could not be loaded; reload the page");
      started.postMessage({ jobs, seconds, origin: location.origin } satisfies Start);
      wait(STARTING_PATIENCE_SECONDS, `it did not start within ${STARTING_PATIENCE_SECONDS} s`);
    },
    [end, set],
  );

  const measure = useCallback(
    (seconds: number) => {
      end();
      set(begin(allJobs));
      launch(seconds);
    },
    [end, launch, set],
  );

  /** Ends at once; what is measured so far stays. */
  const halt = useCallback(() => {
    end();
    set(stop(latest.current));
  }, [end, set]);

  useEffect(() => end, [end]);

  return { progress, measure, halt };
}
