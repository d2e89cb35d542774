"use client";
/** Publishes finished runs; signing in happens in a dialog, so that nothing is lost. */
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button, ButtonLink, Checkbox } from "@/app/_components/controls/controls";
import { Problem as ProblemNotice, Refusals } from "@/app/_components/controls/notices";
import { SignInDialog } from "@/app/_components/frame/sign-in-dialog";
import type { Finished } from "@/app/_components/training/progress";
import { forgetTicket } from "@/app/_components/training/seed-from-board";
import type { WeightsSent } from "@/app/_components/training/send-weights";
import { sendWeights } from "@/app/_components/training/send-weights";
import type { Reproduced } from "@/app/_components/training/submission";
import { isOfTicket, publishRun } from "@/app/_components/training/submission";
import type { ApiProblem } from "@/app/api/client";
import { isOtherAccount } from "@/app/api/client";
import { resultsLicence, variantLabels } from "@/lib/leaderboard";
import { BoardGrew } from "./board-grew";
import { megabytes } from "./choices";
import { DownloadRecord } from "./download-record";

interface PublishProps {
  finished: readonly Finished[];
  /** URLs of those already published, by idempotency key. */
  published: ReadonlyMap<string, string>;
  /** The published run that this training reproduces. */
  reproduced: Reproduced | null;
  userName: string | null;
  providers: readonly { id: string; name: string }[];
  onPublished: (run: Finished, url: string) => void;
  onDiscard: () => void;
}

export function Publish({
  finished,
  published,
  reproduced,
  userName,
  providers,
  onPublished,
  onDiscard,
}: PublishProps) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  /** The account that this page belonged to when another one turned out to be signed in. */
  const [left, setLeft] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [withWeights, setWithWeights] = useState(true);
  /** What became of the weights of each run, by idempotency key. */
  const [sent, setSent] = useState<ReadonlyMap<string, WeightsSent | "sending">>(new Map());
  const [refusals, setRefusals] = useState<readonly { run: Finished; problem: ApiProblem }[]>([]);
  const waiting = finished.filter(({ idempotencyKey }) => !published.has(idempotencyKey));
  const board = finished[0]!.record.benchmark;

  const send = async (run: Finished, id: string, account: string) => {
    const note = (state: WeightsSent | "sending") =>
      setSent((before) => new Map(before).set(run.idempotencyKey, state));
    note("sending");
    note(await sendWeights(id, run.weights!, account));
  };

  /** @param ranked whether runs go with their tickets; without, they are shown, but don't rank */
  const publish = async (account: string, ranked = true) => {
    setAsking(false);
    setLeft(null);
    setBusy(true);
    const refused: { run: Finished; problem: ApiProblem }[] = [];
    for (const run of waiting) {
      const outcome = await publishRun(ranked ? run : { ...run, ticket: undefined }, reproduced, account);
      if (board && run.ticket && ("runUrl" in outcome || isOfTicket(outcome.problem))) forgetTicket(board.slug);
      if ("runUrl" in outcome) {
        if (ranked && withWeights && run.weights) await send(run, outcome.id, account);
        onPublished(run, outcome.runUrl);
      } else if (outcome.problem.status === 401) {
        setAsking(true);
        break;
      } else if (isOtherAccount(outcome.problem)) {
        setLeft(account);
        router.refresh(); // shows who is signed in
        break;
      } else refused.push({ run, problem: outcome.problem });
    }
    setRefusals(refused);
    setBusy(false);
  };

  const place = !board
    ? "Settings of your own get a page, but stand on no board. "
    : finished[0]!.ticket
      ? ""
      : "A run with a seed of your own gets a page, but doesn’t rank. ";
  const size = waiting.reduce((bytes, { weights }) => bytes + (weights?.length ?? 0), 0);
  const several = waiting.length > 1 ? ` ${waiting.length} runs` : "";
  const label = userName ? `Publish${several} as ${userName}` : `Publish${several || " the run"}`;
  const publishOrAsk = () => (userName ? publish(userName) : setAsking(true));

  return (
    <section className="section border-y border-line py-3" aria-labelledby="publish">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div>
          <h2 id="publish">{waiting.length === 0 ? "Published" : "Publish"}</h2>
          <p className="note" role="status">
            {waiting.length === 0
              ? "The server derived every figure anew from the predictions."
              : "Sends settings, curves, shift and the prediction for every test example; the server derives the " +
                `figures itself. ${place}What you publish is public under ${resultsLicence.name}; until then the ` +
                `${waiting.length === 1 ? "run is" : "runs are"} kept in this browser.`}
          </p>
        </div>
        {waiting.length > 0 && (
          <div className="flex flex-wrap items-center gap-2">
            {size > 0 && (
              <Checkbox
                label={`with weights and trace, ${size < 1e6 ? "under 1 MB" : megabytes(size)}`}
                checked={withWeights}
                disabled={busy}
                onChange={({ target }) => setWithWeights(target.checked)}
              />
            )}
            <Button kind="primary" disabled={busy} onClick={publishOrAsk}>
              {busy ? "Publishing …" : label}
            </Button>
            <Button kind="plain" disabled={busy} onClick={onDiscard}>
              Discard
            </Button>
          </div>
        )}
      </div>
      <ul className="rows mt-3 text-table">
        {finished.map((run) => {
          const url = published.get(run.idempotencyKey);
          const name = `${variantLabels[run.record.manifest.variant]}, seed ${run.record.manifest.seed}`;
          return (
            <li key={run.idempotencyKey} className="flex flex-wrap items-center gap-x-3">
              <span className="min-w-[12rem]">{url ? <Link href={url}>{name}</Link> : name}</span>
              <span className="text-ink-3">{url ? "published" : "not published yet"}</span>
              <WeightsState
                state={sent.get(run.idempotencyKey)}
                onRetry={url && userName ? () => send(run, url.split("/").at(-1)!, userName) : undefined}
              />
              <DownloadRecord run={run} />
            </li>
          );
        })}
      </ul>
      {waiting.length === 0 && board && finished[0]!.ticket && (
        <BoardGrew benchmark={board} record={finished[0]!.record} />
      )}
      {waiting.length === 0 && board && (
        <p className="mt-3">
          <ButtonLink href={`/leaderboard/${board.slug}?division=open`} kind="primary">
            See it among runs by users
          </ButtonLink>
        </p>
      )}
      {left && userName && left !== userName && (
        <div className="mt-3">
          <ProblemNotice
            title={`Not published: ${userName} is signed in now`}
            actions={<Button onClick={() => setAsking(true)}>Sign in as {left}</Button>}
          >
            This page was {left}&rsquo;s until somebody signed in in another tab. Nothing is lost: publish as {userName}
            , or sign in as {left} first.
          </ProblemNotice>
        </div>
      )}
      {refusals.map(({ run, problem }) => (
        <div key={run.idempotencyKey} className="mt-3">
          <ProblemNotice
            title={`${variantLabels[run.record.manifest.variant]}: ${problem.title}`}
            actions={
              userName && isOfTicket(problem) ? (
                <Button onClick={() => publish(userName, false)}>Publish without a rank</Button>
              ) : (
                <Button onClick={publishOrAsk}>Try again</Button>
              )
            }
          >
            {problem.errors.length === 0 && <p>{problem.detail}</p>}
            <Refusals errors={problem.errors} />
          </ProblemNotice>
        </div>
      ))}
      <SignInDialog
        open={asking}
        onClose={() => setAsking(false)}
        onSignedIn={publish}
        providers={providers}
        reason="A published run stands under a name. The finished run stays here meanwhile."
      />
    </section>
  );
}

function WeightsState({
  state,
  onRetry,
}: {
  state: WeightsSent | "sending" | undefined;
  onRetry?: (() => void) | undefined;
}) {
  if (!state) return null;
  if (state === "sending") return <span className="text-ink-3">sending its weights …</span>;
  if ("problem" in state)
    return (
      <>
        <span className="text-ink-3">its weights were not sent: {state.problem.detail}</span>
        {onRetry && (
          <Button kind="plain" onClick={onRetry}>
            Send the weights again
          </Button>
        )}
      </>
    );
  return (
    <span className="text-ink-3">
      {state.state === "received"
        ? "its weights are sent: once both are checked, policies are scored on this run"
        : `its weights are not needed: ${state.reason}`}
    </span>
  );
}
