"use client";
/** The playground: write a policy, see its curve and scores update with every keystroke, submit it. */
import { memo, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/app/_components/controls/controls";
import { PolicyCode } from "@/app/_components/text/policy-code";
import { Section } from "@/app/_components/text/section";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import { runShape } from "@/lib/training";
import { deleteDraft } from "./draft";
import { MemoryPanel } from "./memory-panel";
import type { TrajectoryChoice } from "./protocol";
import { read } from "./reading";
import { RuleEditor } from "./rule-editor";
import { ScoresPanel } from "./scores";
import { SubmitPolicy } from "./submit-policy";
import { useDraft } from "./use-draft";
import { useScores } from "./use-scores";

interface PlaygroundProps {
  /** The policy to fork. */
  fork: { slug: string; name: string; document: MomentumPolicy } | null;
  /** Recorded runs to score it on. */
  trajectories: readonly TrajectoryChoice[];
  /** The initial one. */
  begin: TrajectoryChoice;
  userName: string | null;
  providers: readonly { id: string; name: string }[];
}

const noLayers: readonly string[] = [];

const Code = memo(PolicyCode);

export function Playground({ fork, trajectories, begin, userName, providers }: PlaygroundProps) {
  const typedAt = useRef(0);
  const { draft, restored, edit, replaceWith, startOver } = useDraft(fork, () => {
    typedAt.current = performance.now();
  });
  const [trajectory, setTrajectory] = useState(begin);
  const benchmark = benchmarks.find(({ slug }) => slug === trajectory.benchmark)!;
  const beforehand = useMemo(() => runShape(benchmark.recipe, trajectory.variant), [benchmark, trajectory.variant]);
  const [shape, setShape] = useState(beforehand);

  const { text } = draft;
  const reading = useMemo(() => read(text, shape), [text, shape]);
  const { policy } = reading;
  const scores = useScores(policy, trajectory, typedAt);
  const { loaded } = scores;
  useEffect(() => setShape(loaded?.shape ?? beforehand), [loaded, beforehand]);

  // While the rule is invalid, the last valid one stays drawn.
  const drawn = useLast(policy);
  const exported = useDeferredValue(drawn); // slow to make, and nobody reads it while typing
  const layers = loaded?.layers ?? noLayers;

  return (
    <>
      {restored && (
        <p className="note mt-3" role="status">
          This is your draft from before.{" "}
          <Button kind="plain" onClick={startOver}>
            Start over
          </Button>
        </p>
      )}
      <div className="playground mt-4">
        <RuleEditor
          text={text}
          reading={reading}
          drawn={drawn}
          edit={(text) => edit({ text })}
          replaceWith={replaceWith}
        />
        <MemoryPanel drawn={drawn} stale={policy === null} benchmark={benchmark.title} shape={shape} layers={layers} />
      </div>
      <div className="section">
        <ScoresPanel
          scores={scores}
          readable={policy !== null}
          trajectories={trajectories}
          trajectory={trajectory}
          onTrajectory={setTrajectory}
        />
      </div>
      {exported && (
        <Section id="code" title="As code">
          <Code policy={exported} />
        </Section>
      )}
      <SubmitPolicy
        draft={draft}
        onDraft={edit}
        policy={policy}
        userName={userName}
        providers={providers}
        onSubmitted={deleteDraft}
      />
    </>
  );
}

function useLast<Value>(value: Value | null): Value | null {
  const [last, setLast] = useState(value);
  if (value !== null && value !== last) setLast(value);
  return value ?? last;
}
