"use client";
/** The page's parts in their order: form or training in progress, failure, results, publishing. */
import { useEffect, useRef, useState } from "react";
import { onlyTab, someTabTrains } from "@/app/_components/one-tab";
import type { SavedTraining } from "@/app/_components/training/checkpoint-store";
import { deleteCheckpoint, loadCheckpoint } from "@/app/_components/training/checkpoint-store";
import { Live } from "@/app/_components/training/live";
import type { Finished } from "@/app/_components/training/progress";
import type { TrainingSettings } from "@/app/_components/training/protocol";
import { withSeed } from "@/app/_components/training/seed-from-board";
import type { Issues } from "@/app/_components/training/settings";
import { parseForm } from "@/app/_components/training/settings";
import type { Reproduced } from "@/app/_components/training/submission";
import {
  deleteUnpublishedRun,
  loadUnpublishedRuns,
  saveUnpublishedRun,
} from "@/app/_components/training/unpublished-runs";
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
  const [settings, setSettings] = useState<TrainingSettings | null>(null);
  const [tried, setTried] = useState(false);
  const [obstacle, setObstacle] = useState<Obstacle>(null);
  const [interrupted, setInterrupted] = useState<SavedTraining | null>(null);
  const [published, setPublished] = useState<ReadonlyMap<string, string>>(new Map());
  const { training, running, start, send, show } = useTraining();
  const { finished } = training;
  const parsed = parseForm(
    form,
    policies.map(({ slug }) => slug),
  );
  const issues: Issues = tried && "issues" in parsed ? parsed.issues : {};
  const unpublished = finished.filter(({ idempotencyKey }) => !published.has(idempotencyKey));

  // Restores unpublished runs of an earlier visit.
  const restored = useRef(false);
  useEffect(() => {
    if (restored.current) return;
    restored.current = true;
    void loadUnpublishedRuns().then((runs) => runs.length > 0 && show(runs));
  }, [show]);

  // Looks for a training that a reload, a crash or a failure interrupted.
  useEffect(() => {
    if (!running)
      void someTabTrains().then(async (elsewhere) => setInterrupted(elsewhere ? null : await loadCheckpoint()));
  }, [running]);

  const saved = useRef(new Set<string>());
  useEffect(() => {
    for (const run of finished) {
      if (saved.current.has(run.idempotencyKey) || published.has(run.idempotencyKey)) continue;
      saved.current.add(run.idempotencyKey);
      void saveUnpublishedRun(run);
    }
  }, [finished, published]);

  const release = useRef(() => {});
  useEffect(() => {
    if (!running) release.current();
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
    const ended = new Promise<void>((resolve) => (release.current = resolve));
    if (!(await onlyTab(ended)) && !confirmed.includes("another-tab")) return setObstacle("another-tab");
    for (const { idempotencyKey } of unpublished) void deleteUnpublishedRun(idempotencyKey);
    setObstacle(null);
    setInterrupted(null);
    setPublished(new Map());
    setSettings(seeded.settings);
    start(seeded.settings);
  };

  /** Resumes the training that a reload or a crash interrupted; its finished variants stay. */
  const resume = async ({ settings: savedSettings, variant, backend }: SavedTraining) => {
    const ended = new Promise<void>((resolve) => (release.current = resolve));
    if (!(await onlyTab(ended))) return setObstacle("another-tab");
    const next = savedSettings.variants.indexOf(variant);
    const earlierVariants = savedSettings.variants.slice(0, next);
    setInterrupted(null);
    setSettings(savedSettings);
    start(savedSettings, {
      resume: { next, backend: backend ?? null }, // a page of an earlier version saved none
      finished: finished.filter(({ record }) => earlierVariants.includes(record.manifest.variant)),
    });
  };

  const giveUp = () => {
    void deleteCheckpoint();
    setInterrupted(null);
  };

  const discard = () => {
    for (const { idempotencyKey } of unpublished) void deleteUnpublishedRun(idempotencyKey);
    show([]);
  };

  const onPublished = (run: Finished, url: string) => {
    setPublished((before) => new Map(before).set(run.idempotencyKey, url));
    void deleteUnpublishedRun(run.idempotencyKey);
  };

  if (running && settings) {
    return (
      <>
        <p className="mt-3 text-ink-2">{describeSettings(settings)}</p>
        <Live training={training} settings={settings} send={send} />
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
      {finished.length > 0 && (
        <>
          <Publish
            key={finished[0]!.idempotencyKey}
            finished={finished}
            published={published}
            reproduced={reproduces}
            userName={userName}
            providers={providers}
            onPublished={onPublished}
            onDiscard={discard}
          />
          <Results finished={finished} policies={policies} focus={settings !== null} />
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
