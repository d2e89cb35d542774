"use client";
/** Lending this machine: the form, the training in progress, and what was given. */
import Link from "next/link";
import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Button, Checkbox, Field, Select } from "@/app/_components/controls/controls";
import { CopyButton } from "@/app/_components/controls/copy-button";
import { Problem } from "@/app/_components/controls/notices";
import { plural } from "@/app/_components/text/format";
import { Live } from "@/app/_components/training/live";
import { sendToTrainer } from "@/app/_components/training/trainer";
import { useTraining } from "@/app/_components/training/use-training";
import { resultsLicence } from "@/lib/leaderboard";
import { beginLending, changeLending, idleLender, lender, onLender, recallLending, rests } from "./lender";
import type { LendBoard } from "./lending";
import { forgetPassword, keptPassword, makeQuickAccount } from "./quick-account";

interface LendProps {
  /** The one that needs a run most first. */
  boards: readonly LendBoard[];
  /** Slugs of the policies that are scored. */
  policies: readonly string[];
  userName: string | null;
}

export function Lend({ boards, policies, userName }: LendProps) {
  const router = useRouter();
  const { training, settings, running } = useTraining();
  const state = useSyncExternalStore(onLender, lender, () => idleLender);
  const { lending, note } = state;
  const [account, setAccount] = useState(userName);
  const [password, setPassword] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);

  useEffect(() => {
    if (account !== null) setPassword(keptPassword(account));
    recallLending({ boards, policies, account });
  }, [boards, policies, account]);

  // Which board needs a run most may be another one after each run.
  const given = useRef(lending.runs);
  useEffect(() => {
    if (given.current !== lending.runs) router.refresh();
    given.current = lending.runs;
  }, [lending.runs, router]);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (account !== null) return beginLending({ boards, policies, account });
    setRefused(null);
    const made = await makeQuickAccount(String(new FormData(event.currentTarget).get("name")));
    if ("refused" in made) return setRefused(made.refused);
    setAccount(made.name);
    setPassword(made.password);
    router.refresh();
    beginLending({ boards, policies, account: made.name });
  };

  return (
    <>
      {!lending.on && (
        <form onSubmit={submit} className="mt-3 flex flex-wrap items-end gap-3">
          <Select
            label="Train for"
            value={lending.board ?? ""}
            onChange={({ target }) => changeLending({ board: target.value || null })}
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
            onChange={({ target }) => changeLending({ onBattery: target.checked })}
          />
          {rests(state) && <span className="text-ink-2">On battery: it waits for power.</span>}
        </p>
      )}
      {running && training.lent && settings && (
        <Live training={training} settings={settings} send={sendToTrainer} focus={false} />
      )}
      {lending.on && !running && (
        <p className="mt-3 flex flex-wrap items-center gap-3">
          <span className="text-ink-2">Asking a board for a seed …</span>
          <Button onClick={() => changeLending({ on: false })}>Stop</Button>
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
