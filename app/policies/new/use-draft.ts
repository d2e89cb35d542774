/** The policy being edited: saved in the browser, carried by the URL, undone by Back. */
import { useEffect, useMemo, useState } from "react";
import { policyFragment, policyTextOf } from "@/app/_components/momentum/policy-fragment";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import type { Draft } from "./draft";
import { deleteDraft, loadDraft, saveDraft } from "./draft";
import { write } from "./reading";
import { templates } from "./templates";

/** Debounce of the URL's updates: browsers reject more than some hundred changes in half a minute. */
const ADDRESS_MILLISECONDS = 400;

interface Fork {
  slug: string;
  name: string;
  document: MomentumPolicy;
}

/**
 * @param fork the policy to fork; null starts from a template
 * @param onTyped called when the text changes
 */
export function useDraft(fork: Fork | null, onTyped: () => void) {
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

  // The URL wins over the saved draft, and the draft over a fresh start.
  useEffect(() => {
    const saved = loadDraft();
    const linked = policyTextOf(location.hash);
    const mine = saved && (!fork || saved.forkOf?.slug === fork.slug) ? saved : null;
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
    if (change.text !== undefined) onTyped();
    setRestored(false);
    setDraft((before) => ({ ...before, ...change }));
  };

  useEffect(() => {
    if (draft === fresh) return;
    saveDraft(draft);
    const timer = setTimeout(
      () => location.hash !== policyFragment(draft.text) && history.replaceState(null, "", policyFragment(draft.text)),
      ADDRESS_MILLISECONDS,
    );
    return () => clearTimeout(timer);
  }, [draft, fresh]);

  /** Adds an entry to the browser's history, so that Back undoes it. */
  const replaceWith = (text: string) => {
    history.replaceState(null, "", policyFragment(draft.text));
    history.pushState(null, "", policyFragment(text));
    edit({ text });
  };

  const startOver = () => {
    deleteDraft();
    history.replaceState(null, "", `${location.pathname}${location.search}`);
    setRestored(false);
    setDraft(fresh);
  };

  return { draft, restored, edit, replaceWith, startOver };
}

/** A document without the fields that equal their defaults. */
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
