"use client";
/** Measures this machine: how long, the measurement in progress, what came of it, and publishing it. */
import { useEffect, useRef, useState } from "react";
import { Button, Segments } from "@/app/_components/controls/controls";
import { Problem } from "@/app/_components/controls/notices";
import { newKey } from "@/app/_components/new-key";
import { onlyTab } from "@/app/_components/one-tab";
import { count, percent } from "@/app/_components/text/format";
import type { ClassSpeed, SpeedsView } from "@/lib/leaderboard";
import { measuredBackendTitles, measureSeconds, networkTitles, speedsHref } from "@/lib/leaderboard";
import { Backends } from "./backends";
import type { Machine } from "./device";
import { machineOf } from "./device";
import type { Progress } from "./progress";
import { fractionDone, measurementOf } from "./progress";
import { allJobs } from "./protocol";
import { Publish } from "./publish";
import { Results } from "./results";
import { useBench } from "./use-bench";

interface BenchProps {
  view: SpeedsView;
  /** The published medians, to compare with. */
  published: readonly ClassSpeed[];
  userName: string | null;
}

export function Bench({ view, published, userName }: BenchProps) {
  const [seconds, setSeconds] = useState(view.seconds);
  const [busy, setBusy] = useState(false);
  const [machine, setMachine] = useState<Machine | null>(null);
  /** What was published before this measurement: no figure is compared with itself. */
  const [others, setOthers] = useState(published);
  const [key, setKey] = useState("");
  const { progress, measure, halt } = useBench();
  const release = useRef(() => {});
  const heading = useRef<HTMLHeadingElement>(null);
  const running = progress.phase === "running";
  useEffect(() => {
    if (progress.phase !== "running") release.current();
    if (progress.phase === "ended") heading.current?.focus();
  }, [progress.phase]);

  useEffect(() => () => release.current(), []); // another page of the site may train then

  /** @param anyway whether another tab may be training */
  const start = async (anyway = false) => {
    const ended = new Promise<void>((resolve) => (release.current = resolve));
    if (!(await onlyTab(ended)) && !anyway) return setBusy(true);
    setBusy(false);
    setMachine(machineOf(navigator.userAgent, navigator.hardwareConcurrency));
    setOthers(published);
    setKey(newKey());
    measure(Number(seconds));
  };
  const choose = (chosen: SpeedsView["seconds"]) => {
    setSeconds(chosen);
    history.replaceState(history.state, "", speedsHref({ ...view, seconds: chosen }));
  };
  const measurement = machine && measurementOf(progress, machine);

  return (
    <section className="mt-4 border-t border-line pt-3" aria-labelledby="measure">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="measure" ref={heading} tabIndex={-1} className="outline-none">
          {title(progress)}
        </h2>
        <div className="flex flex-wrap items-center gap-3">
          <Segments
            label="How long"
            name="seconds"
            options={measureSeconds.map((value) => ({ value, label: `${value} s` }))}
            value={seconds}
            onChange={choose}
            disabled={running}
          />
          {running ? (
            <Button onClick={halt}>Stop</Button>
          ) : (
            <Button kind={measurement ? "secondary" : "primary"} onClick={() => void start()}>
              {progress.phase === "ended" ? "Measure again" : "Measure this machine"}
            </Button>
          )}
        </div>
      </div>
      {progress.phase === "idle" && (
        <p className="note mt-2">
          Close other programs and tabs first, and plug in a laptop. Starting the backends comes on top of these
          seconds. Nothing leaves this machine until you publish.
        </p>
      )}
      {busy && (
        <div className="mt-3">
          <Problem
            title="Another tab is training or measuring"
            actions={
              <>
                <Button onClick={() => void start(true)}>Measure anyway</Button>
                <Button kind="plain" onClick={() => setBusy(false)}>
                  Not now
                </Button>
              </>
            }
          >
            Both would share the processor, and the figures would say little. Stop it first.
          </Problem>
        </div>
      )}
      {running && <Running progress={progress} />}
      {progress.phase !== "idle" && <Backends progress={progress} />}
      {measurement && <Results progress={progress} measurement={measurement} published={others} ended={!running} />}
      {progress.phase === "ended" && !measurement && (
        <div className="mt-3">
          <Problem title={progress.stopped ? "Stopped before the first figure" : "Nothing could be measured"}>
            Choose a longer measurement, or another browser: a current Chrome, Edge, Firefox or Safari has WASM with
            vector instructions.
          </Problem>
        </div>
      )}
      {measurement && !running && (
        <Publish key={key} idempotencyKey={key} measurement={measurement} userName={userName} />
      )}
    </section>
  );
}

function Running({ progress }: { progress: Progress }) {
  const done = fractionDone(progress, allJobs.length);
  const { current } = progress;
  return (
    <>
      <progress className="mt-3" value={done} max={1} aria-label="Progress of the whole measurement" />
      <p className="mt-2 flex flex-wrap gap-x-4 text-ink-2 text-table tabular-nums">
        <span>{percent(done, 0)} %</span>
        {current?.imagesPerSecond != null && <span>{count(Math.round(current.imagesPerSecond))} images/s</span>}
      </p>
      <p className="sr-only" role="status">{`${title(progress)}, ${Math.floor(done * 4) * 25} percent`}</p>
    </>
  );
}

function title({ phase, stopped, current }: Progress): string {
  if (phase === "idle") return "This machine";
  if (phase === "ended") return stopped ? "Stopped" : "This machine, measured";
  if (!current) return "Measuring";
  const backend = measuredBackendTitles[current.backend];
  return current.job
    ? `Measuring ${networkTitles[current.job.network]} on ${backend}`
    : `Starting and testing ${backend}`;
}
