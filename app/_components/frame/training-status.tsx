"use client";
/** The training of this tab, in the header of every page but the one that shows it, and in the tab's title. */
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useSyncExternalStore } from "react";
import { Button } from "../controls/controls";
import { duration, percent } from "../text/format";
import type { UnderWay } from "../training/under-way";
import { interruptedHere, onUnderWay, pauseTraining, underWay } from "../training/under-way";

export function TrainingStatus() {
  const training = useSyncExternalStore(onUnderWay, underWay, () => null);
  const path = usePathname();
  // A reload goes on with what it interrupted, on whatever page.
  useEffect(() => {
    if (interruptedHere()) void import("../training/trainer").then(({ resumeAfterReload }) => resumeAfterReload());
  }, []);
  const words = training && inWords(training);
  const short = words?.short;
  useEffect(() => {
    const title = document.title.replace(mark, "");
    const marked = short ? `${short} · ${title}` : title;
    if (path && document.title !== marked) document.title = marked; // each page sets its own
  }, [short, path]);
  if (!training || !words || path === training.page) return null;
  const active = training.state === "running" || training.state === "paused";
  return (
    <div className="training-status">
      <Link href={training.page + training.query} prefetch={false}>
        {words.long}
      </Link>
      {active && (
        <>
          <progress value={training.fraction} max={1} aria-label="Progress of the training" />
          <Button kind="plain" onClick={() => pauseTraining(training.state === "running")}>
            {training.state === "paused" ? "Resume" : "Pause"}
          </Button>
        </>
      )}
      <span className="sr-only" role="status">
        {training.state === "finished" || training.state === "failed" ? words.long : ""}
      </span>
    </div>
  );
}

/** What a title begins with while there is a training. */
const mark = /^(\d+ %|Paused|Finished|Failed) · /;

function inWords({ state, fraction, secondsLeft }: UnderWay): { short: string; long: string } {
  const done = `${percent(fraction, 0)} %`;
  switch (state) {
    case "running":
      return { short: done, long: `Training: ${done}${secondsLeft === null ? "" : `, ${duration(secondsLeft)} left`}` };
    case "paused":
      return { short: "Paused", long: `Training paused at ${done}` };
    case "finished":
      return { short: "Finished", long: "Training finished: see it" };
    case "failed":
      return { short: "Failed", long: "Training failed: see why" };
  }
}
