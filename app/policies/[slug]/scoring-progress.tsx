"use client";
/** Progress of scoring a policy; refreshes the page until scoring has finished. */
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import type { ScoringState } from "@/lib/server/scoring/state";

const LOOK_AGAIN_MILLISECONDS = 3000;

export function ScoringProgress({ scoring }: { scoring: readonly ScoringState[] }) {
  const router = useRouter();
  const unfinished = scoring.filter(({ state }) => state !== "scored");
  const pending = unfinished.some(({ state }) => state !== "failed");
  useEffect(() => {
    if (!pending) return;
    const timer = setInterval(
      () => document.visibilityState === "visible" && router.refresh(),
      LOOK_AGAIN_MILLISECONDS,
    );
    return () => clearInterval(timer);
  }, [pending, router]);
  if (unfinished.length === 0) return null;
  return (
    <ul className="rows mb-4 text-table" aria-label="Being scored by the server">
      {unfinished.map(({ benchmark, state, scored, of, ahead, error }) => (
        <li key={`${benchmark.slug}@${benchmark.version}`} className="grid gap-1 py-2 sm:grid-cols-2 sm:items-center">
          <span>
            {benchmark.title}: {words({ state, scored, of, ahead })}
            {error && <span className="text-ink-3"> {error}</span>}
          </span>
          <progress value={scored} max={of} aria-label={`${benchmark.title}, reference runs scored`} />
        </li>
      ))}
    </ul>
  );
}

function words({ state, scored, of, ahead }: Pick<ScoringState, "state" | "scored" | "of" | "ahead">): string {
  const runs = `${scored} of ${of} reference runs scored`;
  if (state === "failed") return `stopped, ${runs}. Submit the policy again to have it tried again.`;
  if (state === "running") return runs;
  return ahead === null
    ? `in line, ${runs}`
    : ahead === 0
      ? `next in line, ${runs}`
      : `${ahead} in line before it, ${runs}`;
}
