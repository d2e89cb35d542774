"use client";
/** Scores of the policy being edited on the chosen trajectory, beside well-known baselines. */
import { memo } from "react";
import { Button } from "@/app/_components/controls/controls";
import { Problem } from "@/app/_components/controls/notices";
import { memoryClass } from "@/app/_components/momentum/memory";
import { memoryBadge } from "@/app/_components/momentum/memory-badge";
import { LayerTable } from "@/app/_components/tables/layer-table";
import { count, percent, plural, significant } from "@/app/_components/text/format";
import { builtInPolicies } from "@/lib/dmbn/policy";
import type { ChooseTrajectoryProps } from "./choose-trajectory";
import { ChooseTrajectory, titleOf } from "./choose-trajectory";
import type { Difference, PlaygroundScore } from "./protocol";
import { nearestOf, Standing } from "./score-table";
import type { Scores } from "./use-scores";

interface ScoresPanelProps extends ChooseTrajectoryProps {
  scores: Scores & { retry: () => void };
  /** Whether the text is a valid policy. */
  readable: boolean;
}

export function ScoresPanel({ scores, readable, trajectories, trajectory, onTrajectory }: ScoresPanelProps) {
  const { loading, loaded, failure, scored, refusal, current, latency, retry } = scores;
  return (
    <section aria-labelledby="scores">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <h2 id="scores">What it scores</h2>
        <ChooseTrajectory trajectories={trajectories} trajectory={trajectory} onTrajectory={onTrajectory} />
      </div>
      {failure && (
        <div className="mt-3">
          <Problem title={failure.title} actions={<Button onClick={retry}>Try again</Button>}>
            {failure.detail} The editor, the curve and the code work without it.
          </Problem>
        </div>
      )}
      {refusal && (
        <div className="mt-3">
          <Problem title={refusal.title}>{refusal.detail}</Problem>
        </div>
      )}
      {loading && !failure && (
        <p className="note mt-3" role="status">
          Fetching {loading} …
        </p>
      )}
      {loaded && scored && (
        <div className="live" data-stale={!current} aria-busy={!current}>
          <p className="mt-2" role="status">
            <Finding score={scored.score} differences={scored.differences} examples={loaded.examples} />
          </p>
          <p className="note stale-note">
            {readable && !refusal
              ? "Scoring the latest …"
              : "These are the scores of the last rule that could be scored."}
          </p>
          <div className="mt-2">
            <Standing
              score={scored.score}
              differences={scored.differences}
              baselines={loaded.baselines}
              memory={memoryClass(memoryBadge(scored.policy, loaded.shape).memory)}
              shape={loaded.shape}
            />
          </div>
          <p className="note mt-2">
            {titleOf(loaded.trajectory.benchmark)}: one recorded run, so identical weights under every policy and no
            interval.{" "}
            {current && latency !== null && (
              <>
                Shown{" "}
                <data value={latency.toFixed(1)} className="latency">
                  {Math.round(latency)} ms
                </data>{" "}
                after the keystroke; scored in {Math.round(scored.milliseconds)} ms by {loaded.backend}.
              </>
            )}
          </p>
          <h3 className="mt-4">Layer by layer</h3>
          <div className="mt-1">
            <Layers score={scored.score} name="your policy" shape={loaded.shape} />
          </div>
        </div>
      )}
    </section>
  );
}

const Layers = memo(LayerTable);

const Finding = memo(function Finding({
  score,
  differences,
  examples,
}: {
  score: PlaygroundScore;
  differences: readonly Difference[];
  examples: number;
}) {
  const nearest = nearestOf(differences);
  const name = nameOf(nearest.slug);
  const { different, gained, lost, pValue } = nearest;
  return (
    <>
      <strong className="font-semibold">{percent(score.accuracy)} %</strong> of {count(examples)} test examples right.{" "}
      {different === 0
        ? `It predicts exactly as its nearest baseline, ${name}.`
        : `Nearest is ${name}: ${plural(different, "prediction differs", "predictions differ")}; ${gained} only ` +
          `yours gets right, ${lost} only it (McNemar p = ${significant(pValue, 2)}).`}
    </>
  );
});

const nameOf = (slug: string): string => builtInPolicies.find((policy) => policy.slug === slug)!.name;
