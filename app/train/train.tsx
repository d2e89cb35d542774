"use client";
/** The page's parts in their order: form or training in progress, failure, results, publishing. */
import { useEffect, useRef, useState } from "react";
import { Button } from "@/app/_components/controls/controls";
import { anotherTabTrains } from "@/app/_components/one-tab";
import { plural } from "@/app/_components/text/format";
import type { SavedTraining } from "@/app/_components/training/checkpoint-store";
import { deleteCheckpoint, loadCheckpoint } from "@/app/_components/training/checkpoint-store";
import { Live } from "@/app/_components/training/live";
import { withSeed } from "@/app/_components/training/seed-from-board";
import type { Issues } from "@/app/_components/training/settings";
import { parseForm } from "@/app/_components/training/settings";
import type { Reproduced } from "@/app/_components/training/submission";
import {
  discard,
  restoreUnpublished,
  resumeAfterReload,
  resumeTraining,
  runPublished,
  sendToTrainer,
  startTraining,
  undoDiscard,
} from "@/app/_components/training/trainer";
import { deleteUnpublishedRun } from "@/app/_components/training/unpublished-runs";
import { useTraining } from "@/app/_components/training/use-training";
import type { TrainingForm } from "@/lib/leaderboard";
import { writeTrainingForm } from "@/lib/leaderboard";
import type { DatasetChoice, PolicyChoice } from "./choices";
import { describeSettings } from "./describe-settings";
import { onDigits } from "./digits";
import type { Obstacle } from "./notices";
import { Failed, Interrupted, ObstacleNotice } from "./notices";
import { Publish } from "./publish";
import { Results } from "./results";
import { Setup } from "./setup";

interface TrainProps {
  initialForm: TrainingForm;
  datasets: readonly DatasetChoice[];
  policies: readonly PolicyChoice[];
  /** The published run that the form reproduces; submitted with the new run if its settings are unchanged. */
  reproduces: Reproduced | null;
  userName: string | null;
  providers: readonly { id: string; name: string }[];
}

export function Train({ initialForm, datasets, policies, reproduces, userName, providers }: TrainProps) {
  const [form, setForm] = useState(initialForm);
  const [tried, setTried] = useState(false);
  const [obstacle, setObstacle] = useState<Obstacle>(null);
  const [interrupted, setInterrupted] = useState<SavedTraining | null>(null);
  const { training, settings, published, discarded, running } = useTraining();
  const finished = training.finished.filter(({ lent }) => !lent); // a lent machine's are sent by themselves
  /** Whether it was started on this page: what comes of it then gets the focus. */
  const startedHere = useRef(false);
  const parsed = parseForm(
    form,
    policies.map(({ slug }) => slug),
  );
  const issues: Issues = tried && "issues" in parsed ? parsed.issues : {};
  const unpublished = finished.filter(({ idempotencyKey }) => !published.has(idempotencyKey));

  // Shows what an earlier visit left: unpublished runs, and a training that a reload, a crash or a failure interrupted.
  useEffect(() => {
    if (running) return;
    void resumeAfterReload()
      .then(restoreUnpublished)
      .then(anotherTabTrains)
      .then(async (trains) => setInterrupted(trains ? null : await loadCheckpoint()));
  }, [running]);

  const change = (next: TrainingForm) => {
    setForm(next);
    setObstacle(null);
    history.replaceState(history.state, "", `/train?${writeTrainingForm(next)}`);
  };

  const asking = useRef(false);

  /** @param confirmed obstacles that the user has seen and chooses to ignore */
  const train = async (next: TrainingForm = form, confirmed: readonly Obstacle[] = []) => {
    setTried(true);
    const submitted = parseForm(
      next,
      policies.map(({ slug }) => slug),
    );
    if ("issues" in submitted) return focusIssue();
    if (unpublished.length > 0 && !confirmed.includes("unpublished")) return setObstacle("unpublished");
    if (asking.current) return;
    asking.current = true;
    const seeded = await withSeed(submitted.wanted);
    asking.current = false;
    if ("problem" in seeded) return setObstacle(seeded.problem);
    startedHere.current = true;
    const outcome = await startTraining(seeded.settings, { anyway: confirmed.includes("another-tab") });
    if (outcome !== "started") return setObstacle(outcome);
    for (const { idempotencyKey } of unpublished) void deleteUnpublishedRun(idempotencyKey);
    setObstacle(null);
    setInterrupted(null);
  };

  const resume = async (saved: SavedTraining) => {
    startedHere.current = true;
    const outcome = await resumeTraining(saved);
    if (outcome !== "started") return setObstacle(outcome);
    setInterrupted(null);
  };

  const giveUp = () => {
    void deleteCheckpoint();
    setInterrupted(null);
  };

  if (running && settings) {
    return (
      <>
        <p className="mt-3 text-ink-2">{describeSettings(settings)}</p>
        <Live training={training} settings={settings} send={sendToTrainer} focus={startedHere.current} />
        {finished.length > 0 && <Results finished={finished} policies={policies} focus={false} />}
      </>
    );
  }
  return (
    <>
      {interrupted && (
        <div className="mt-4">
          <Interrupted training={interrupted} onResume={() => void resume(interrupted)} onGiveUp={giveUp} />
        </div>
      )}
      {training.failure && (
        <div className="mt-4">
          <Failed
            training={training}
            onRetry={() => train()}
            onDigits={() => {
              change(onDigits(form));
              void train(onDigits(form));
            }}
            dataset={settings?.recipe.dataset}
          />
        </div>
      )}
      {training.phase === "stopped" && (
        <p className="empty mt-4" role="status">
          Stopped.{" "}
          {finished.length > 0
            ? "What had finished is kept below."
            : "No run had finished, so there is nothing to show."}{" "}
          Your settings are as they were.
        </p>
      )}
      {training.notice && (
        <p className="note mt-4" role="status">
          {training.notice}
        </p>
      )}
      {discarded.length > 0 && (
        <p className="empty mt-4 flex flex-wrap items-center gap-3" role="status">
          {plural(discarded.length, "finished run")} discarded.
          <Button kind="plain" onClick={undoDiscard}>
            Undo
          </Button>
        </p>
      )}
      {finished.length > 0 && (
        <>
          <Publish
            key={finished[0]!.idempotencyKey}
            finished={finished}
            published={published}
            reproduced={reproduces}
            userName={userName}
            providers={providers}
            onPublished={runPublished}
            onDiscard={discard}
          />
          <Results finished={finished} policies={policies} focus={startedHere.current} />
        </>
      )}
      {finished.length > 0 && (
        <h2 className="section" id="again">
          Train again
        </h2>
      )}
      {obstacle && (
        <div className="mt-4">
          <ObstacleNotice
            obstacle={obstacle}
            onAnyway={() => {
              if (typeof obstacle === "string")
                return train(form, [obstacle, ...(obstacle === "another-tab" ? (["unpublished"] as const) : [])]);
              const own = { ...form, seed: "1" };
              change(own);
              return train(own, ["unpublished"]);
            }}
            onBack={() => setObstacle(null)}
          />
        </div>
      )}
      <Setup
        form={form}
        issues={issues}
        datasets={datasets}
        policies={policies}
        onChange={change}
        onTrain={() => void train()}
      />
    </>
  );
}

function focusIssue(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus());
}
