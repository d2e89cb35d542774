"use client";
/** The curves of a finished run. */
import { useState } from "react";
import { TrainingCurves } from "@/app/_components/charts/training-curves";
import { Segments } from "@/app/_components/controls/controls";
import { count, duration } from "@/app/_components/text/format";
import type { Finished } from "@/app/_components/training/progress";
import { variantLabels } from "@/lib/leaderboard";

export function RunCurves({ finished, shown }: { finished: readonly Finished[]; shown: Finished }) {
  const [selectedVariant, setSelectedVariant] = useState<string | null>(null);
  const run = finished.find(({ record }) => record.manifest.variant === selectedVariant) ?? shown;
  const { timings, manifest, curves } = run.record;
  return (
    <section className="section" aria-labelledby="training">
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 id="training">Training</h2>
        {finished.length > 1 && (
          <Segments
            label="Run shown"
            name="run-shown"
            options={finished.map(({ record }) => ({
              value: record.manifest.variant as string,
              label: variantLabels[record.manifest.variant],
            }))}
            value={manifest.variant}
            onChange={setSelectedVariant}
          />
        )}
        <p className="note">
          {duration(timings.trainingSeconds)} at {count(Math.round(timings.imagesPerSecond))} images/s, then{" "}
          {duration(timings.scoringSeconds)} of scoring, with {manifest.backend.name} ({manifest.backend.adapter}):{" "}
          {manifest.backend.reason}.
        </p>
      </div>
      <div className="grid gap-5 md:grid-cols-2 lg:grid-cols-3">
        <TrainingCurves {...curves} />
      </div>
    </section>
  );
}
