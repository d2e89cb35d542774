"use client";
/** Notices above the form: a failure, an interrupted training, an obstacle to starting one. */
import { useEffect, useRef } from "react";
import { Button } from "@/app/_components/controls/controls";
import { Problem } from "@/app/_components/controls/notices";
import { capitalize, count } from "@/app/_components/text/format";
import { BackendNote } from "@/app/_components/training/backend-note";
import type { SavedTraining } from "@/app/_components/training/checkpoint-store";
import type { Training } from "@/app/_components/training/progress";
import type { ApiProblem } from "@/app/api/client";
import { variantLabels } from "@/lib/leaderboard";
import { describeSettings } from "./describe-settings";

/** Why a training doesn't start until the user confirms: a problem is why the board gives no seed. */
export type Obstacle = "this-tab" | "another-tab" | "unpublished" | ApiProblem | null;

export function Failed({
  training: { failure, backend },
  dataset,
  onRetry,
  onDigits,
}: {
  training: Training;
  dataset: string | undefined;
  onRetry: () => void;
  onDigits: () => void;
}) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => notice.current?.focus(), []);
  return (
    <div ref={notice} tabIndex={-1} className="outline-none">
      <Problem
        title={failure!.title}
        actions={
          <>
            <Button onClick={onRetry}>Train again</Button>
            {dataset && dataset !== "digits" && <Button onClick={onDigits}>Train on digits instead</Button>}
          </>
        }
      >
        <p className="whitespace-pre-line">{capitalize(failure!.detail)}</p>
        <p className="mt-1">Your settings are kept below.</p>
        {backend && <BackendNote backend={backend} />}
      </Problem>
    </div>
  );
}

export function Interrupted({
  training: { settings, variant, steps, checkpoint },
  onResume,
  onGiveUp,
}: {
  training: SavedTraining;
  onResume: () => void;
  onGiveUp: () => void;
}) {
  const step = checkpoint?.run.step ?? 0;
  return (
    <Problem
      title="A training was interrupted"
      actions={
        <>
          <Button kind="primary" onClick={onResume}>
            Go on from step {count(step)}
          </Button>
          <Button kind="plain" onClick={onGiveUp}>
            Give it up
          </Button>
        </>
      }
    >
      <p>
        {describeSettings(settings)}. {variantLabels[variant]} was at step {count(step)} of {count(steps)}; going on
        gives the same result as if nothing had happened.
      </p>
    </Problem>
  );
}

const isProblem = (obstacle: Obstacle): obstacle is ApiProblem => typeof obstacle === "object" && obstacle !== null;

export function ObstacleNotice({
  obstacle,
  onAnyway,
  onBack,
}: {
  obstacle: Exclude<Obstacle, null>;
  onAnyway: () => void;
  onBack: () => void;
}) {
  const [title, explanation, anyway] = isProblem(obstacle)
    ? [
        `No seed from the board: ${obstacle.title}`,
        `${obstacle.detail} With a seed of your own the run can be published and is shown, but it doesn’t rank.`,
        "Train with seed 1",
      ]
    : {
        "this-tab": [
          "This tab is training already",
          "It goes on whatever page you open. Stop it, or let it end, before you start another.",
          null,
        ] as const,
        "another-tab": [
          "Another tab is training",
          "Two at once share the processor, so both take longer and their times mean little. Neither result changes.",
          "Train here as well",
        ] as const,
        unpublished: [
          "The finished run is not published yet",
          "Training again replaces it. Publish it first, or download its record.",
          "Train and discard it",
        ] as const,
      }[obstacle];
  return (
    <Problem
      title={title}
      actions={
        <>
          {anyway && <Button onClick={onAnyway}>{anyway}</Button>}
          <Button kind="plain" onClick={onBack}>
            Not now
          </Button>
        </>
      }
    >
      {explanation}
    </Problem>
  );
}
