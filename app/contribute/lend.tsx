"use client";
/** Lends this machine: trains what boards need, run after run, and publishes each run as it ends. */
import Link from "next/link";
import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button, Checkbox, Field, Select } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { Problem } from "@/app/_components/controls/notices";
import { onlyTab } from "@/app/_components/one-tab";
import { plural } from "@/app/_components/text/format";
import { loadCheckpoint } from "@/app/_components/training/checkpoint-store";
import { Live } from "@/app/_components/training/live";
import type { Finished, Training } from "@/app/_components/training/progress";
import { isRunning } from "@/app/_components/training/progress";
import type { Resumption, TrainingSettings } from "@/app/_components/training/protocol";
import { forgetTicket, withSeed } from "@/app/_components/training/seed-from-board";
import { parseForm } from "@/app/_components/training/settings";
import { loadLentRuns, saveUnpublishedRun } from "@/app/_components/training/unpublished-runs";
import { useTraining } from "@/app/_components/training/use-training";
import { readTrainingForm, resultsLicence, variantLabels } from "@/lib/leaderboard";
import { whenOnBattery } from "./battery";
import type { LendBoard, Lending } from "./lending";
import { boardFor, notLending, recall, remember, withGiven } from "./lending";
import { sendRun } from "./outbox";
import { forgetPassword, keptPassword, makeQuickAccount } from "./quick-account";

interface LendProps {
  /** The one that needs a run most first. */
  boards: readonly LendBoard[];
  /** Slugs of the policies that are scored. */
  policies: readonly string[];
  userName: string | null;
}

const secondsBetweenTries = 30;
const wait = () => new Promise((resolve) => setTimeout(resolve, 1000 * secondsBetweenTries));

export function Lend({ boards, policies, userName }: LendProps) {
  const router = useRouter();
  const { training, running, start, send } = useTraining();
  const [lending, setLending] = useState<Lending>(notLending);
  const [settings, setSettings] = useState<TrainingSettings | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const [account, setAccount] = useState(userName);
  const [password, setPassword] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  /** What the loop reads, which outlives renders. */
  const now = useRef({ lending, boards, account, aside: new Set<string>() });
  now.current = { ...now.current, boards, account };
  const looping = useRef(false);
  const settle = useRef<((ended: Training) => void) | null>(null);
  /** Runs that are finished and not sent, also where the browser stores none. */
  const unsent = useRef(new Map<string, Finished>());
  const sending = useRef(Promise.resolve(true));

  const change = useCallback((next: Partial<Lending> | ((before: Lending) => Lending)) => {
    const { lending: before } = now.current;
    const after = typeof next === "function" ? next(before) : { ...before, ...next };
    now.current.lending = after;
    remember(after);
    setLending(after);
  }, []);

  /** Sends what waits; false if some of it still does. One call at a time. */
  const sendWaiting = useCallback((): Promise<boolean> => {
    const sendAll = async (): Promise<boolean> => {
      for (const run of await loadLentRuns())
        if (!unsent.current.has(run.idempotencyKey)) unsent.current.set(run.idempotencyKey, run);
      for (const [key, run] of unsent.current) {
        const sent = await sendRun(run, now.current.account!);
        if (sent.kind === "later" || sent.kind === "ended") {
          setNote(
            `${sent.reason} ${plural(unsent.current.size, "finished run")} ${unsent.current.size === 1 ? "is" : "are"} kept in this browser.`,
          );
          if (sent.kind === "ended") change({ on: false });
          return false;
        }
        unsent.current.delete(key);
        if (sent.kind === "refused") setNote(sent.reason);
        else {
          const { benchmark, manifest } = run.record;
          const title = `${benchmark?.slug}, ${variantLabels[manifest.variant]}, seed ${manifest.seed}`;
          change((before) => withGiven(before, { url: sent.url, title }));
          setNote(sent.ranks ? null : `${title} was published without a rank: somebody used its ticket.`);
        }
      }
      return true;
    };
    sending.current = sending.current.then(sendAll, sendAll);
    return sending.current;
  }, [change]);

  // Each run is sent as it ends, while the next is trained.
  const { finished } = training;
  const seen = useRef(new Set<string>());
  useEffect(() => {
    for (const run of finished) {
      if (!run.lent || seen.current.has(run.idempotencyKey)) continue;
      seen.current.add(run.idempotencyKey);
      unsent.current.set(run.idempotencyKey, run);
      void saveUnpublishedRun(run).then(sendWaiting);
    }
  }, [finished, sendWaiting]);

  useEffect(() => {
    if (training.phase === "idle" || isRunning(training)) return;
    settle.current?.(training);
    settle.current = null;
  }, [training]);

  /** What to train next; null if there is nothing for this machine. */
  const nextTraining = useCallback(async (): Promise<{
    settings: TrainingSettings;
    resume: Resumption | null;
  } | null> => {
    const saved = await loadCheckpoint();
    if (saved?.settings.lent) {
      const next = saved.settings.variants.indexOf(saved.variant);
      return { settings: saved.settings, resume: { next, backend: saved.backend ?? null } };
    }
    if (saved) {
      setNote("A training of yours waits on the page Train: resume it there, or discard it.");
      return null;
    }
    for (;;) {
      const { boards: all, lending: wanted, aside } = now.current;
      const board = boardFor(all, wanted.board, aside);
      if (!board) {
        setNote("This machine could train none of these boards. Choose another, or reload the page.");
        return null;
      }
      const form = parseForm(readTrainingForm(new URLSearchParams({ benchmark: board.slug })), policies);
      if ("issues" in form) throw new Error(`${board.slug}: ${Object.values(form.issues).join(" ")}`);
      const seeded = await withSeed(form.wanted);
      if ("settings" in seeded) return { settings: { ...seeded.settings, lent: true }, resume: null };
      const { status, title, detail } = seeded.problem;
      if (status !== 0 && status < 500 && status !== 429) {
        setNote(`${board.title}: ${detail}`);
        aside.add(board.slug);
        continue;
      }
      setNote(`${title}. Trying again in ${secondsBetweenTries} seconds.`);
      await wait();
      if (!now.current.lending.on) return null;
    }
  }, [policies]);

  const lend = useCallback(async () => {
    if (looping.current) return;
    looping.current = true;
    let release = () => {};
    const ended = new Promise<void>((resolve) => (release = resolve));
    try {
      if (!(await onlyTab(ended))) {
        setNote("Another tab of this browser is training. Lending goes on here once you close it and start again.");
        change({ on: false });
        return;
      }
      await sendWaiting();
      while (now.current.lending.on) {
        const next = await nextTraining();
        if (!next) {
          change({ on: false });
          return;
        }
        setSettings(next.settings);
        const outcome = new Promise<Training>((resolve) => (settle.current = resolve));
        start(next.settings, { resume: next.resume });
        const { phase, failure } = await outcome;
        const slug = next.settings.benchmark!.slug;
        if (phase === "stopped") {
          change({ on: false });
          return;
        }
        if (phase === "failed") {
          setNote(`${slug}: ${failure?.title}. ${failure?.detail}`);
          now.current.aside.add(slug);
          continue;
        }
        forgetTicket(slug);
        while (!(await sendWaiting()) && now.current.lending.on) await wait();
        router.refresh(); // which board needs a run most
      }
    } finally {
      release();
      looping.current = false;
    }
  }, [change, nextTraining, router, sendWaiting, start]);

  // A reload goes on.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    if (account !== null) setPassword(keptPassword(account));
    const remembered = recall();
    change(account === null ? { ...remembered, on: false } : remembered);
    if (now.current.lending.on) void lend();
  }, [account, change, lend]);

  // On battery it pauses.
  const [isOnBattery, setOnBattery] = useState(false);
  useEffect(() => whenOnBattery(setOnBattery), []);
  const rests = isOnBattery && !lending.onBattery;
  const rested = useRef(false);
  useEffect(() => {
    if (!running || !lending.on) return;
    if (rests && !training.paused && !rested.current) {
      rested.current = true;
      send({ kind: "pause" });
    } else if (!rests && rested.current) {
      rested.current = false;
      if (training.paused) send({ kind: "resume" });
    }
  }, [rests, running, lending.on, training.paused, send]);

  const begin = (name: string) => {
    now.current.account = name;
    setNote(null);
    now.current.aside.clear();
    change({ on: true });
    void lend();
  };

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (account !== null) return begin(account);
    setRefused(null);
    const made = await makeQuickAccount(String(new FormData(event.currentTarget).get("name")));
    if ("refused" in made) return setRefused(made.refused);
    setAccount(made.name);
    setPassword(made.password);
    router.refresh();
    begin(made.name);
  };

  return (
    <>
      {!lending.on && (
        <form onSubmit={submit} className="mt-3 flex flex-wrap items-end gap-3">
          <Select
            label="Train for"
            value={lending.board ?? ""}
            onChange={({ target }) => change({ board: target.value || null })}
          >
            <option value="">the board that needs a run most</option>
            {boards.map(({ slug, title, gpu }) => (
              <option key={slug} value={slug}>
                {title}
                {gpu && ", on a GPU"}
              </option>
            ))}
          </Select>
          {account === null && (
            <Field
              label="Your name"
              name="name"
              required
              autoComplete="username"
              autoCapitalize="none"
              issue={refused ?? undefined}
            />
          )}
          <Button kind="primary" type="submit">
            Lend this machine
          </Button>
        </form>
      )}
      {!lending.on && account === null && (
        <p className="note mt-2">
          Runs stand under a name, and are public under {resultsLicence.name}. One that nobody has becomes your account;
          if you have one, <Link href="/signin?callbackUrl=/contribute">sign in</Link> first.
        </p>
      )}
      {password && (
        <p className="note mt-3">
          You are signed in as {account}. To sign in elsewhere, keep this password: <code>{password}</code>{" "}
          <CopyButton text={password}>Copy the password</CopyButton>{" "}
          <Button
            kind="plain"
            onClick={() => {
              forgetPassword();
              setPassword(null);
            }}
          >
            I have it
          </Button>
        </p>
      )}
      {note && (
        <div className="mt-3">
          <Problem title={lending.on ? "Lending goes on" : "Not lending"}>{note}</Problem>
        </div>
      )}
      {lending.on && (
        <p className="mt-3 flex flex-wrap items-center gap-3">
          <Checkbox
            label="on battery, too"
            checked={lending.onBattery}
            onChange={({ target }) => change({ onBattery: target.checked })}
          />
          {rests && <span className="text-ink-2">On battery: it waits for power.</span>}
        </p>
      )}
      {running && settings && <Live training={training} settings={settings} send={send} focus={false} />}
      {lending.on && !running && (
        <p className="mt-3 flex flex-wrap items-center gap-3">
          <span className="text-ink-2">Asking a board for a seed …</span>
          <Button onClick={() => change({ on: false })}>Stop</Button>
        </p>
      )}
      {lending.runs > 0 && (
        <>
          <h3 className="mt-4" id="given">
            This browser has given {plural(lending.runs, "run")}
          </h3>
          <ul className="rows mt-2 text-table" aria-labelledby="given">
            {lending.given.map(({ url, title }) => (
              <li key={url}>
                <Link href={url} prefetch={false}>
                  {title}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
