"use client";
/**
 * Scores of the policy being written, from the worker. Only the answer to the
 * latest question is current; an older one is shown as what it is.
 */
import { useCallback, useEffect, useRef, useState } from "react";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import type { Command, Failure, Report, TrajectoryChoice } from "./protocol";

type Loaded = Extract<Report, { kind: "loaded" }>;
type Scored = Extract<Report, { kind: "scored" }>;

export interface Scores {
  /** What is being fetched, while nothing can be scored yet. */
  loading: string | null;
  loaded: Loaded | null;
  /** The trajectory could not be had. */
  failure: Failure | null;
  /** The newest answer, and the policy it is about. */
  scored: (Scored & { policy: MomentumPolicy }) | null;
  /** The latest policy was refused. */
  refusal: Failure | null;
  /** Whether `scored` is about the latest policy. */
  current: boolean;
  /** Milliseconds from the keystroke to the drawn answer. */
  latency: number | null;
}

const nothing: Scores = { loading: "the backend", loaded: null, failure: null, scored: null, refusal: null, current: false, latency: null };

/**
 * @param policy null while what is written is no policy
 * @param typedAt when it was typed, as `performance.now` tells
 */
export function useScores(policy: MomentumPolicy | null, trajectory: TrajectoryChoice, typedAt: number): Scores & { retry: () => void } {
  const [scores, setScores] = useState(nothing);
  const worker = useRef<Worker | null>(null);
  const asked = useRef<{ id: number; policy: MomentumPolicy | null; at: number }>({ id: 0, policy: null, at: 0 });

  const tell = (command: Command) => worker.current?.postMessage(command);

  const begin = useCallback(() => {
    worker.current?.terminate();
    // The literal form is what makes the bundler build the worker.
    const started = new Worker(new URL("./scorer.worker.ts", import.meta.url), { type: "module" });
    worker.current = started;
    const stopped = (detail: string) => setScores((before) => ({ ...before, loading: null, failure: { title: "The scoring program stopped", detail } }));
    started.onerror = ({ message }) => stopped(`${message || "It could not be loaded"}. What you wrote is kept; try again.`);
    started.onmessage = ({ data }: MessageEvent<Report>) => {
      switch (data.kind) {
        case "loading":
          return setScores((before) => ({ ...before, loading: data.what, failure: null }));
        case "loaded":
          return setScores((before) => ({ ...before, loading: null, loaded: data, failure: null }));
        case "failed":
          return setScores((before) => ({ ...before, loading: null, failure: data.failure }));
        case "refused":
          if (data.id === asked.current.id) setScores((before) => ({ ...before, refusal: data.failure, current: false }));
          return;
        case "scored": {
          const { id, policy, at } = asked.current;
          if (data.id !== id || !policy) return; // a newer one is on its way
          setScores((before) => ({ ...before, scored: { ...data, policy }, refusal: null, current: true, latency: null }));
          requestAnimationFrame(() => setTimeout(() => asked.current.id === id && setScores((before) => ({ ...before, latency: performance.now() - at }))));
        }
      }
    };
  }, []);

  useEffect(() => {
    begin();
    return () => {
      worker.current?.terminate();
      worker.current = null;
    };
  }, [begin]);

  const { variant, seed } = trajectory;
  const load = useCallback(() => {
    setScores((before) => ({ ...nothing, scored: before.scored }));
    tell({ kind: "load", trajectory: { variant, seed }, origin: location.origin });
  }, [variant, seed]);
  useEffect(load, [load]);

  useEffect(() => {
    const id = asked.current.id + 1;
    asked.current = { id, policy, at: typedAt };
    setScores((before) => ({ ...before, refusal: null, current: false }));
    if (policy) tell({ kind: "score", id, policy });
  }, [policy, typedAt, variant, seed]);

  const retry = useCallback(() => {
    begin();
    load();
    const { id, policy } = asked.current;
    if (policy) tell({ kind: "score", id, policy });
  }, [begin, load]);

  return { ...scores, retry };
}
