"use client";
/** A training in progress: how far, how fast, on which backend; curves, and what DMBN would choose now. */
import { useEffect, useRef, useState } from "react";
import { TrainingCurves } from "@/app/_components/charts/training-curves";
import { Button } from "@/app/_components/controls/controls";
import { count, duration, percent } from "@/app/_components/text/format";
import { variantLabels } from "@/lib/leaderboard";
import { BackendNote } from "./backend-note";
import { LayersNow } from "./layers-now";
import type { Training } from "./progress";
import { fractionDone, secondsLeft } from "./progress";
import type { Command, TrainingSettings } from "./protocol";
import { StepCostPanel } from "./step-cost";

interface LiveProps {
  training: Training;
  settings: TrainingSettings;
  send: (command: Command) => void;
  /** Whether its heading is focused when it appears. */
  focus?: boolean;
}

export function Live({ training, settings, send, focus = true }: LiveProps) {
  const { paused, current, backend, notice } = training;
  const heading = useRef<HTMLHeadingElement>(null);
  const [stopping, setStopping] = useState(false);
  useEffect(() => {
    if (focus) heading.current?.focus();
  }, [focus]);
  const done = fractionDone(training, settings.variants.length);
  const phase = stopping ? "Stopping" : describePhase(training, settings);
  const left = secondsLeft(training, settings.variants.length);
  return (
    <section className="mt-4 border-t border-line pt-3" aria-labelledby="live">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="live" ref={heading} tabIndex={-1} className="outline-none">
          {phase}
        </h2>
        <div className="flex gap-2">
          <Button onClick={() => send({ kind: paused ? "resume" : "pause" })} disabled={!current || stopping}>
            {paused ? "Resume" : "Pause"}
          </Button>
          <Button
            disabled={stopping}
            onClick={() => {
              setStopping(true);
              send({ kind: "stop" });
            }}
          >
            Stop
          </Button>
        </div>
      </div>
      {notice && (
        <p className="mt-2" role="status">
          {notice}
        </p>
      )}
      <progress className="mt-3" value={done} max={1} aria-label="Progress of the whole training" />
      <p className="mt-2 flex flex-wrap gap-x-4 text-ink-2 text-table tabular-nums">
        <span>{percent(done, 0)} %</span>
        {current && (
          <span>
            step {count(current.step)} of {count(current.steps)}
          </span>
        )}
        {left !== null && !paused && <span>about {duration(left)} of training left</span>}
      </p>
      <p className="sr-only" role="status">
        {`${phase}, ${Math.floor(done * 4) * 25} percent`}
      </p>
      {backend && <BackendNote backend={backend} />}
      {current && <p className="note">Training takes {current.memory} of memory.</p>}
      {current && !current.traced && (
        <p className="note">
          This run has too many channels and steps to keep the statistics of every batch: only the averages that the
          chosen policies need follow it.
        </p>
      )}
      {current && (
        <>
          <div className="mt-4 grid gap-5 md:grid-cols-2 lg:grid-cols-3">
            <TrainingCurves
              loss={current.loss}
              validationAccuracy={current.observations.flatMap(({ step, validationAccuracy: value }) =>
                value === null ? [] : [{ step, value }],
              )}
              shift={current.layers.map((layer, index) => ({
                layer,
                points: current.observations.map(({ step, layers }) => ({ step, value: layers[index]!.shift })),
              }))}
              steps={current.steps}
            />
          </div>
          <div className="grid gap-x-8 md:grid-cols-2">
            <LayersNow current={current} settings={settings} />
            {current.cost && backend && (
              <StepCostPanel cost={current.cost} imagesPerSecond={current.imagesPerSecond} backend={backend.name} />
            )}
          </div>
        </>
      )}
    </section>
  );
}

function describePhase({ phase, paused, current, loaded, finished }: Training, { variants }: TrainingSettings): string {
  if (paused) return "Paused";
  const run = Math.min(finished.length + 1, variants.length);
  const ofSeveral = variants.length > 1 ? `, run ${run} of ${variants.length}` : "";
  const which = current ? `${variantLabels[current.variant]}${ofSeveral}` : "";
  switch (phase) {
    case "starting":
      return "Testing what this machine computes with";
    case "loading":
      return loaded ? `Loading data: ${loaded.file}, ${count(Math.ceil(loaded.bytes / 1024))} KiB` : "Loading data";
    case "scoring":
      return `Scoring every policy: ${which}`;
    default:
      return `Training ${which}`;
  }
}
