"use client";
/**
 * Scores of the policy being edited, from the worker. Only the answer to the latest request is current; an older one is
 * shown as outdated.
 */
import { useCallback, useEffect, useRef, useState } from "react";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import type { Command, Failure, ScorerMessage, TrajectoryChoice } from "./protocol";

type Loaded = Extract<ScorerMessage, { kind: "loaded" }>;
type Scored = Extract<ScorerMessage, { kind: "scored" }>;

export interface Scores {
  /** What is being loaded, while scoring is not possible yet. */
  loading: string | null;
  loaded: Loaded | null;
  /** Loading the trajectory failed. */
  failure: Failure | null;
  /** The newest answer, with the policy that it scores. */
  scored: (Scored & { policy: MomentumPolicy }) | null;
  /** Why the latest policy can't be scored. */
  refusal: Failure | null;
  /** Whether `scored` is for the latest policy on the chosen trajectory. */
  current: boolean;
  /** Milliseconds from the keystroke to the drawn answer; null if nothing was typed. */
  latency: number | null;
}

interface Question {
  id: number;
  policy: MomentumPolicy | null;
  trajectory: TrajectoryChoice;
}

interface State extends Pick<Scores, "loading" | "loaded" | "failure"> {
  scored: (Scored & Question & { policy: MomentumPolicy }) | null;
  refused: (Question & { failure: Failure }) | null;
  drawn: { id: number; milliseconds: number } | null;
}

const nothing: State = {
  loading: "the backend",
  loaded: null,
  failure: null,
  scored: null,
  refused: null,
  drawn: null,
};

/**
 * @param policy null while the text is not a valid policy
 * @param typedAt `performance.now()` of the last keystroke; 0 if there was none
 */
export function useScores(
  policy: MomentumPolicy | null,
  trajectory: TrajectoryChoice,
  typedAt: { readonly current: number },
): Scores & { retry: () => void } {
  const [state, setState] = useState(nothing);
  const worker = useRef<Worker | null>(null);
  const latest = useRef<Question>({ id: 0, policy: null, trajectory });

  const send = (command: Command) => worker.current?.postMessage(command);

  const begin = useCallback(() => {
    worker.current?.terminate();
    // The bundler only builds the worker from this literal form.
    const started = new Worker(new URL("./scorer.worker.ts", import.meta.url), { type: "module" });
    worker.current = started;
    const stopped = (detail: string) =>
      setState((before) => ({ ...before, loading: null, failure: { title: "The scoring program stopped", detail } }));
    started.onerror = ({ message }) =>
      stopped(`${message || "It could not be loaded"}. What you wrote is kept; try again.`);
    started.onmessage = ({ data }: MessageEvent<ScorerMessage>) => {
      switch (data.kind) {
        case "loading":
          return setState((before) => ({ ...before, loading: data.what, failure: null }));
        case "loaded":
          return setState((before) => ({ ...before, loading: null, loaded: data, failure: null }));
        case "failed":
          return setState((before) => ({ ...before, loading: null, failure: data.failure }));
        case "refused":
          if (data.id === latest.current.id)
            setState((before) => ({ ...before, refused: { ...latest.current, failure: data.failure } }));
          return;
        case "scored": {
          const { id, policy, trajectory } = latest.current;
          if (data.id !== id || !policy) return; // a newer answer will follow
          const keystroke = typedAt.current;
          setState((before) => ({ ...before, scored: { ...data, policy, trajectory } }));
          // Measured after the frame that shows it.
          if (keystroke > 0)
            requestAnimationFrame(() =>
              setTimeout(() =>
                setState((before) => ({ ...before, drawn: { id, milliseconds: performance.now() - keystroke } })),
              ),
            );
        }
      }
    };
  }, [typedAt]);

  useEffect(() => {
    begin();
    return () => {
      worker.current?.terminate();
      worker.current = null;
    };
  }, [begin]);

  const load = useCallback(() => {
    setState((before) => ({ ...nothing, scored: before.scored }));
    send({ kind: "load", trajectory, origin: location.origin });
  }, [trajectory]);
  useEffect(load, [load]);

  useEffect(() => {
    const id = latest.current.id + 1;
    latest.current = { id, policy, trajectory };
    if (policy) send({ kind: "score", id, policy });
  }, [policy, trajectory]);

  const retry = useCallback(() => {
    begin();
    load();
    const { id, policy } = latest.current;
    if (policy) send({ kind: "score", id, policy });
  }, [begin, load]);

  const { scored, refused, drawn, ...rest } = state;
  const aboutThis = (question: Question) => question.policy === policy && question.trajectory === trajectory;
  return {
    ...rest,
    scored,
    refusal: refused && aboutThis(refused) ? refused.failure : null,
    current: scored !== null && aboutThis(scored),
    latency: drawn && drawn.id === scored?.id ? drawn.milliseconds : null,
    retry,
  };
}
