"use client";
/** The curve of the policy being edited, or how it gets its momenta if it has no curve. */
import { memo } from "react";
import { LayerCurves } from "@/app/_components/momentum/layer-curves";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import type { MomentumPolicy, RunShape } from "@/lib/dmbn/policy";
import { schedule } from "@/lib/dmbn/policy";

const Curves = memo(LayerCurves);

interface MemoryPanelProps {
  /** The last valid policy; null before the first. */
  drawn: MomentumPolicy | null;
  /** The current text is invalid. */
  stale: boolean;
  /** The benchmark's title. */
  benchmark: string;
  shape: RunShape;
  layers: readonly string[];
}

export function MemoryPanel({ drawn, stale, benchmark, shape, layers }: MemoryPanelProps) {
  return (
    <section aria-labelledby="curve" className="live" data-stale={stale}>
      <h2 id="curve">
        {drawn?.kind === "schedule" || !drawn
          ? "Its memory over the run"
          : drawn.kind === "recalibrate"
            ? "No memory to draw"
            : drawn.by === "drift"
              ? "What it goes by"
              : "What it chooses from"}
      </h2>
      {drawn?.kind === "schedule" && (
        <>
          <p className="note mb-2">
            Window 1/(1 − β) in batches, log axis, over the {shape.steps} steps of {benchmark}.
            {stale && " The last rule that could be read."}
          </p>
          <Curves policy={drawn} run={shape} layers={layers} name="Your policy" />
        </>
      )}
      {drawn?.kind === "select" && drawn.by === "drift" && (
        <p className="mt-2 text-ink-2">
          No candidates and no curve: each layer&rsquo;s β follows from how its batch statistics drift and scatter over
          the last quarter of the run. The scores show what it came to.
        </p>
      )}
      {drawn?.kind === "select" && drawn.by !== "drift" && (
        <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-table" aria-label="Candidates">
          {drawn.candidates.map((candidate) => (
            <li key={candidate}>
              <MomentumChip {...memoryBadge(schedule(candidate), shape)} />
            </li>
          ))}
        </ul>
      )}
      {drawn?.kind === "recalibrate" && (
        <p className="mt-2 text-ink-2">
          Nothing is averaged while training, so there is no curve: the statistics are measured once, after the run.
        </p>
      )}
    </section>
  );
}
