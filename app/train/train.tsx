"use client";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/app/_components/controls/controls";
import { Problem } from "@/app/_components/controls/notices";
/** The page's parts in their order: form or training under way, failure, results, publishing. */
import { capitalize, count } from "@/app/_components/text/format";
import { recipeWords } from "@/app/_components/text/recipe-words";
import { variantLabels } from "@/app/_components/text/variant";
import { datasetInfo } from "@/lib/datasets/registry";
import type { TrainingForm } from "@/lib/leaderboard";
import { benchmarks, ownSettings, recipeTexts, writeTrainingForm } from "@/lib/leaderboard";
import type { DatasetChoice, PolicyChoice } from "./choices";
import { forgetRun, keepRun, keptRuns } from "./kept-runs";
import type { KeptTraining } from "./kept-training";
import { forgetTraining, keptTraining } from "./kept-training";
import { BackendWords, Live } from "./live";
import { onlyTab, someTabTrains } from "./one-tab";
import type { Finished, Training } from "./progress";
import type { TrainingSettings } from "./protocol";
import { Publish } from "./publish";
import { Results } from "./results";
import type { Complaints } from "./settings";
import { parseForm } from "./settings";
import { Setup } from "./setup";
import type { Reproduced } from "./submission";
import { useTraining } from "./use-training";

interface TrainProps {
  asked: TrainingForm;
  datasets: readonly DatasetChoice[];
  policies: readonly PolicyChoice[];
  /** The published run that the form repeats; named with the new one where that keeps its settings. */
  reproduces: Reproduced | null;
  userName: string | null;
  providers: readonly { id: string; name: string }[];
}

/** What stands between a press on Train and the training. */
type Obstacle = "another-tab" | "unpublished" | null;

export function Train({ asked, datasets, policies, reproduces, userName, providers }: TrainProps) {
  const [form, setForm] = useState(asked);
  const [settings, setSettings] = useState<TrainingSettings | null>(null);
  const [tried, setTried] = useState(false);
  const [obstacle, setObstacle] = useState<Obstacle>(null);
  const [interrupted, setInterrupted] = useState<KeptTraining | null>(null);
  const [published, setPublished] = useState<ReadonlyMap<string, string>>(new Map());
  const { training, running, start, tell, show } = useTraining();
  const { finished } = training;
  const parsed = parseForm(
    form,
    policies.map(({ slug }) => slug),
  );
  const complaints: Complaints = tried && "complaints" in parsed ? parsed.complaints : {};
  const unpublished = finished.filter(({ idempotencyKey }) => !published.has(idempotencyKey));

  // Runs of an earlier visit that were not published.
  const restored = useRef(false);
  useEffect(() => {
    if (restored.current) return;
    restored.current = true;
    void keptRuns().then((runs) => runs.length > 0 && show(runs));
  }, [show]);

  // A training that a reload, a crash or a failure left behind.
  useEffect(() => {
    if (!running)
      void someTabTrains().then(async (elsewhere) => setInterrupted(elsewhere ? null : await keptTraining()));
  }, [running]);

  const kept = useRef(new Set<string>());
  useEffect(() => {
    for (const run of finished) {
      if (kept.current.has(run.idempotencyKey) || published.has(run.idempotencyKey)) continue;
      kept.current.add(run.idempotencyKey);
      void keepRun(run);
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

  /** @param over obstacles that the user has seen and passes over */
  const train = async (next: TrainingForm = form, over: readonly Obstacle[] = []) => {
    setTried(true);
    const wanted = parseForm(
      next,
      policies.map(({ slug }) => slug),
    );
    if ("complaints" in wanted) return focusComplaint();
    if (unpublished.length > 0 && !over.includes("unpublished")) return setObstacle("unpublished");
    const ended = new Promise<void>((resolve) => (release.current = resolve));
    if (!(await onlyTab(ended)) && !over.includes("another-tab")) return setObstacle("another-tab");
    for (const { idempotencyKey } of unpublished) void forgetRun(idempotencyKey);
    setObstacle(null);
    setInterrupted(null);
    setPublished(new Map());
    setSettings(wanted.settings);
    start(wanted.settings);
  };

  /** Goes on with the training that a reload or a crash ended; its finished variants stay. */
  const goOn = async ({ settings: kept, variant }: KeptTraining) => {
    const ended = new Promise<void>((resolve) => (release.current = resolve));
    if (!(await onlyTab(ended))) return setObstacle("another-tab");
    const before = kept.variants.slice(0, kept.variants.indexOf(variant));
    setInterrupted(null);
    setSettings(kept);
    start(kept, { resume: true, finished: finished.filter(({ record }) => before.includes(record.manifest.variant)) });
  };

  const giveUp = () => {
    void forgetTraining();
    setInterrupted(null);
  };

  const discard = () => {
    for (const { idempotencyKey } of unpublished) void forgetRun(idempotencyKey);
    show([]);
  };

  const onPublished = (run: Finished, url: string) => {
    setPublished((before) => new Map(before).set(run.idempotencyKey, url));
    void forgetRun(run.idempotencyKey);
  };

  if (running && settings) {
    return (
      <>
        <p className="mt-3 text-ink-2">{settingsWords(settings)}</p>
        <Live training={training} settings={settings} tell={tell} />
        {finished.length > 0 && <Results finished={finished} policies={policies} focus={false} />}
      </>
    );
  }
  return (
    <>
      {interrupted && (
        <div className="mt-4">
          <Interrupted training={interrupted} onGoOn={() => void goOn(interrupted)} onGiveUp={giveUp} />
        </div>
      )}
      {training.failure && (
        <div className="mt-4">
          <Failed
            training={training}
            onRetry={() => train()}
            onDigits={() => (change(onDigits(form)), void train(onDigits(form)))}
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
            onAnyway={() => train(form, [obstacle, ...(obstacle === "another-tab" ? (["unpublished"] as const) : [])])}
            onBack={() => setObstacle(null)}
          />
        </div>
      )}
      <Setup
        form={form}
        complaints={complaints}
        datasets={datasets}
        policies={policies}
        onChange={change}
        onTrain={() => void train()}
      />
    </>
  );
}

function Failed({
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
        {backend && <BackendWords backend={backend} />}
      </Problem>
    </div>
  );
}

function Interrupted({
  training: { settings, variant, steps, checkpoint },
  onGoOn,
  onGiveUp,
}: {
  training: KeptTraining;
  onGoOn: () => void;
  onGiveUp: () => void;
}) {
  const step = checkpoint?.run.step ?? 0;
  return (
    <Problem
      title="A training was interrupted"
      actions={
        <>
          <Button kind="primary" onClick={onGoOn}>
            Go on from step {count(step)}
          </Button>
          <Button kind="plain" onClick={onGiveUp}>
            Give it up
          </Button>
        </>
      }
    >
      <p>
        {settingsWords(settings)}. {variantLabels[variant]} was at step {count(step)} of {count(steps)}; going on gives
        the same result as if nothing had happened.
      </p>
    </Problem>
  );
}

function ObstacleNotice({
  obstacle,
  onAnyway,
  onBack,
}: {
  obstacle: Exclude<Obstacle, null>;
  onAnyway: () => void;
  onBack: () => void;
}) {
  const [title, words, anyway] =
    obstacle === "another-tab"
      ? [
          "Another tab is training",
          "Two at once share the processor, so both take longer and their times mean little. Neither result changes.",
          "Train here as well",
        ]
      : [
          "The finished run is not published yet",
          "Training again replaces it. Publish it first, or download its record.",
          "Train and discard it",
        ];
  return (
    <Problem
      title={title}
      actions={
        <>
          <Button onClick={onAnyway}>{anyway}</Button>
          <Button kind="plain" onClick={onBack}>
            Not now
          </Button>
        </>
      }
    >
      {words}
    </Problem>
  );
}

const settingsWords = ({ recipe, variants, seed, policies }: TrainingSettings): string =>
  `${datasetInfo(recipe.dataset).name} · ${recipeWords(recipe)} · ${variants.map((variant) => variantLabels[variant]).join(", then ")} · seed ${seed} · ${policies.length} policies`;

/** The same wishes on the data set that is always here. */
function onDigits(form: TrainingForm): TrainingForm {
  const { slug, recipe } = digits;
  const texts = recipeTexts(recipe);
  if (form.benchmark !== ownSettings) return { ...form, benchmark: slug, recipe: texts };
  const { dataset, calibrationSize, validationSize } = texts;
  return { ...form, recipe: { ...form.recipe, dataset, calibrationSize, validationSize } };
}

const digits = benchmarks.find(({ recipe }) => recipe.dataset === "digits")!;

function focusComplaint(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus());
}
