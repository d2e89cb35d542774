"use client";
/** The playground: write a policy, see its curve and its scores move with every keystroke, submit it. */
import { memo, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Button, Select } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { LayerCurves } from "@/app/_components/momentum/layer-curves";
import { MomentumChip } from "@/app/_components/momentum/momentum";
import { policyFragment, policyTextOf } from "@/app/_components/momentum/policy-fragment";
import { policyMark } from "@/app/_components/momentum/policy-mark";
/** The playground: write a policy, see its curve and its scores move with every keystroke, submit it. */
import { Section } from "@/app/_components/text/section";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { policyHash, schedule } from "@/lib/dmbn/policy";
import { benchmarks } from "@/lib/leaderboard";
import { runShape } from "@/lib/training";
import { PolicyCode } from "../policy-code";
import { TypesetRule } from "../typeset-rule";
import type { Draft } from "./draft";
import { forgetDraft, keepDraft, keptDraft } from "./draft";
import { ExpressionInput } from "./expression-input";
import { More } from "./more";
import { isKind, PolicyForm, words } from "./policy-form";
import type { TrajectoryChoice } from "./protocol";
import type { PolicyKind } from "./reading";
import { read, write } from "./reading";
import { ScoresPanel } from "./scores";
import { SubmitPolicy } from "./submit-policy";
import { templates } from "./templates";
import { useScores } from "./use-scores";

interface PlaygroundProps {
  /** The policy that this one begins from. */
  fork: { slug: string; name: string; document: MomentumPolicy } | null;
  /** Recorded runs to try it on. */
  trajectories: readonly TrajectoryChoice[];
  /** The one of them to begin with. */
  begin: TrajectoryChoice;
  userName: string | null;
  providers: readonly { id: string; name: string }[];
}

/**
 * Between a keystroke and the address that carries it: browsers refuse more than some hundred changes in half a minute.
 */
const ADDRESS_MILLISECONDS = 400;

const noLayers: readonly string[] = [];

const Code = memo(PolicyCode);
const Curves = memo(LayerCurves);

export function Playground({ fork, trajectories, begin, userName, providers }: PlaygroundProps) {
  const fresh = useMemo<Draft>(
    () => ({
      text: write(fork ? concise(fork.document) : templates[2]!.document),
      forkOf: fork && { slug: fork.slug, name: fork.name },
      name: fork ? `${fork.name}, changed` : "",
      description: "",
      reference: "",
      referenceUrl: "",
    }),
    [fork],
  );
  const [draft, setDraft] = useState(fresh);
  const [restored, setRestored] = useState(false);
  const typedAt = useRef(0);
  const [trajectory, setTrajectory] = useState(begin);
  const benchmark = benchmarks.find(({ slug }) => slug === trajectory.benchmark)!;
  const beforehand = useMemo(() => runShape(benchmark.recipe, trajectory.variant), [benchmark, trajectory.variant]);
  const [shape, setShape] = useState(beforehand);
  const byKind = useRef(new Map<PolicyKind, string>());

  const { text } = draft;
  const { raw, policy, complaint } = useMemo(() => read(text, shape), [text, shape]);
  const scores = useScores(policy, trajectory, typedAt);
  const { loaded } = scores;
  useEffect(() => setShape(loaded?.shape ?? beforehand), [loaded, beforehand]);

  // What the address carries comes before what this browser kept, and that before a fresh start.
  useEffect(() => {
    const kept = keptDraft();
    const linked = policyTextOf(location.hash);
    const mine = kept && (!fork || kept.forkOf?.slug === fork.slug) ? kept : null;
    if (linked !== null && linked !== fresh.text)
      setDraft(mine?.text === linked ? mine : { ...(mine ?? fresh), text: linked });
    else if (mine && mine.text !== fresh.text) {
      setDraft(mine);
      setRestored(true);
    }
    const follow = () => {
      const text = policyTextOf(location.hash);
      if (text !== null) edit({ text });
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [fork, fresh]);

  const edit = (change: Partial<Draft>) => {
    if (change.text !== undefined) typedAt.current = performance.now();
    setRestored(false);
    setDraft((before) => ({ ...before, ...change }));
  };

  useEffect(() => {
    if (draft === fresh) return;
    keepDraft(draft);
    const timer = setTimeout(
      () => location.hash !== policyFragment(draft.text) && history.replaceState(null, "", policyFragment(draft.text)),
      ADDRESS_MILLISECONDS,
    );
    return () => clearTimeout(timer);
  }, [draft, fresh]);

  /** A step of its own in the browser's history: Back takes it back. */
  const replaceWith = (text: string) => {
    history.replaceState(null, "", policyFragment(draft.text));
    history.pushState(null, "", policyFragment(text));
    edit({ text });
  };

  const switchKind = (kind: PolicyKind) => {
    if (raw && isKind(raw["kind"])) byKind.current.set(raw["kind"], text);
    replaceWith(
      byKind.current.get(kind) ??
        write(
          { schedule: templates[0]!.document, select: templates[6]!.document, recalibrate: templates[8]!.document }[
            kind
          ],
        ),
    );
  };

  const inDocument = complaint?.path === "" || !raw ? complaint : null;
  // While the rule is broken, the last whole one stays drawn.
  const drawn = useLast(policy);
  const exported = useDeferredValue(drawn); // long, and not what is looked at while typing
  const layers = loaded?.layers ?? noLayers;

  return (
    <>
      {restored && (
        <p className="note mt-3" role="status">
          This is your draft from before.{" "}
          <Button
            kind="plain"
            onClick={() => {
              forgetDraft();
              history.replaceState(null, "", `${location.pathname}${location.search}`);
              setRestored(false);
              setDraft(fresh);
            }}
          >
            Start over
          </Button>
        </p>
      )}
      <div className="playground mt-4">
        <section aria-labelledby="rule" className="grid content-start gap-3">
          <h2 id="rule" className="sr-only">
            The rule
          </h2>
          <div className="template">
            <Select
              label="Begin from a template"
              value=""
              onChange={({ target }) => replaceWith(write(templates[Number(target.value)]!.document))}
            >
              <option value="" disabled>
                Choose …
              </option>
              {templates.map(({ name, about }, index) => (
                <option key={name} value={index}>
                  {name}: {about}
                </option>
              ))}
            </Select>
            <CopyButton text={() => `${location.origin}${location.pathname}${location.search}${policyFragment(text)}`}>
              Copy link to this draft
            </CopyButton>
          </div>
          {raw ? (
            <PolicyForm raw={raw} complaint={complaint} onChange={(text) => edit({ text })} onKind={switchKind} />
          ) : (
            <p className="problem">
              The document below is not JSON yet. Mend it there, and its fields stand here again.
            </p>
          )}
          {drawn && (
            <div className="live" data-stale={policy === null}>
              <TypesetRule policy={drawn} />
            </div>
          )}
          <More summary="The same policy as a JSON document" needed={inDocument !== null}>
            <div className="mt-2 grid gap-2">
              <ExpressionInput
                label="Document"
                plain
                multiline
                rows={5}
                value={text}
                onChange={(text) => edit({ text })}
                complaint={inDocument && { text: words(inDocument), position: inDocument.position }}
              />
              {policy && (
                <p className="note">
                  SHA-256 of its canonical form <code className="break-all">{policyHash(policy)}</code>
                </p>
              )}
            </div>
          </More>
          {complaint && !inDocument && !inForm(complaint.path) && (
            <p className="complaint" role="alert">
              <code>{complaint.path}</code>: {words(complaint)}
            </p>
          )}
        </section>
        <section aria-labelledby="curve" className="live" data-stale={policy === null}>
          <h2 id="curve">
            {drawn?.kind === "schedule" || !drawn
              ? "Its memory over the run"
              : drawn.kind === "recalibrate"
                ? "No memory to draw"
                : drawn.by === "drift"
                  ? "What it goes by"
                  : "What it chooses from"}
          </h2>
          {drawn?.kind === "schedule" && (
            <>
              <p className="note mb-2">
                Window 1/(1 − β) in batches, log axis, over the {shape.steps} steps of {benchmark.title}.
                {policy === null && " The last rule that could be read."}
              </p>
              <Curves policy={drawn} run={shape} layers={layers} name="Your policy" />
            </>
          )}
          {drawn?.kind === "select" && drawn.by === "drift" && (
            <p className="mt-2 text-ink-2">
              No candidates and no curve: each layer&rsquo;s β follows from how its batch statistics drift and scatter
              over the last quarter of the run. The scores show what it came to.
            </p>
          )}
          {drawn?.kind === "select" && drawn.by === "estimation-shift" && (
            <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-table" aria-label="Candidates">
              {drawn.candidates.map((candidate) => (
                <li key={candidate}>
                  <MomentumChip {...policyMark(schedule(candidate), shape)} />
                </li>
              ))}
            </ul>
          )}
          {drawn?.kind === "recalibrate" && (
            <p className="mt-2 text-ink-2">
              Nothing is averaged while training, so there is no curve: the statistics are measured once, after the run.
            </p>
          )}
        </section>
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
        onSubmitted={forgetDraft}
      />
    </>
  );
}

/** Fields that say themselves what is wrong with them. */
const inForm = (path: string): boolean =>
  /^(momentum|varianceMomentum|by|candidates(\[\d+\])?|initial\.(mean|variance)|samples|every|granularity|order|parameters|variance)$/.test(
    path,
  );

function useLast<Value>(value: Value | null): Value | null {
  const [last, setLast] = useState(value);
  if (value !== null && value !== last) setLast(value);
  return value ?? last;
}

/** A document without the fields that only say their defaults. */
function concise(policy: MomentumPolicy): Record<string, unknown> {
  const defaults: Record<string, unknown> = {
    varianceMomentum: null,
    initial: { mean: 0, variance: 1 },
    debias: false,
    variance: "unbiased",
    candidates: [],
    by: "estimation-shift",
    granularity: "layer",
    order: "sequential",
    parameters: "joint",
    every: null,
    samples: null,
  };
  const silent = (field: string, value: unknown) =>
    JSON.stringify(value) === JSON.stringify(defaults[field]) ||
    (field === "initial" && policy.kind === "schedule" && policy.debias);
  return Object.fromEntries(Object.entries(policy).filter(([field, value]) => !silent(field, value)));
}
