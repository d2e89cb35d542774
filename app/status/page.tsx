/** What the site is computing: the recording of held-out runs board by board, policies in line, files it refuses. */
import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { ApiForm } from "@/app/_components/controls/api-form";
import { Problem } from "@/app/_components/controls/notices";
import type { Column } from "@/app/_components/tables/data-table";
import { DataTable } from "@/app/_components/tables/data-table";
import { duration, plural } from "@/app/_components/text/format";
import { Section } from "@/app/_components/text/section";
import { auditState } from "@/lib/server/audits/read";
import { storedDumps } from "@/lib/server/dumps/read";
import { env, writesDumps } from "@/lib/server/env";
import { currentUser } from "@/lib/server/people/auth";
import type { BoardRecording, Recording } from "@/lib/server/scoring/recording";
import { recording } from "@/lib/server/scoring/recording";
import { scoringQueue } from "@/lib/server/scoring/state";
import { worker } from "@/lib/server/scoring/worker";
import { Audits } from "./audits";
import { Dumps } from "./dumps";
import { ReasonInput } from "./reason-input";
import { Refresh } from "./refresh";

export const metadata: Metadata = {
  title: "Status",
  description: "What this DMBench site is recording and scoring, what waits, and what failed.",
};

export const dynamic = "force-dynamic";

export default async function StatusPage() {
  const [user, now, audits, queue, dumps] = await Promise.all([
    currentUser(),
    recording({ threads: worker().threads() }),
    auditState(),
    scoringQueue(),
    storedDumps(),
  ]);
  const refused = worker().refused();
  const busy = now.boards.some(({ state }) => state !== "complete" && state !== "absent");
  return (
    <>
      <h1>Status</h1>
      <p className="lede">
        This site trains the runs that policies are ranked on, from secret seeds, and scores every policy on each: in
        turn over the boards, in the background. What somebody submits comes first.{" "}
        <a href="/api/v1/recording">As JSON</a>
      </p>
      <Refresh active={(busy && !now.paused) || queue.waiting + queue.running + audits.waiting > 0} />
      {now.paused && (
        <div className="mt-4">
          <Problem title={`Recording is paused${now.paused.by ? ` by ${now.paused.by}` : ""}`}>
            Since {moment.format(now.paused.since)} UTC. {now.paused.reason}
          </Problem>
        </div>
      )}

      <Section id="recording" title="Held-out runs" note={summary(now)} gap={0}>
        <DataTable
          caption="Held-out runs of each board"
          columns={now.paused ? columns.filter(({ key }) => key !== "left") : columns}
          rows={now.boards}
          rowKey={({ benchmark: { slug } }) => slug}
        />
        {now.boards.some(({ state }) => state === "absent") && (
          <p className="mt-3 note">
            A board whose runs are not recorded here lacks its data set on this machine, or the settings leave it out:{" "}
            <Link href="/docs/running#recording">how a site records</Link>.
          </p>
        )}
      </Section>

      {user?.role === "maintainer" && (
        <Section id="pause" title={now.paused ? "Resume recording" : "Pause recording"}>
          <ApiForm
            path="/api/v1/recording"
            account={user.name}
            fixed={{ state: now.paused ? "resumed" : "paused" }}
            submit={now.paused ? "Resume" : "Pause"}
            kind="secondary"
          >
            <ReasonInput />
          </ApiForm>
        </Section>
      )}

      <Audits {...audits} />
      <Section id="policies" title="Work in line">
        <p>
          {queue.running + queue.waiting === 0
            ? "Nothing waits."
            : `${plural(queue.running, "task")} running, ${queue.waiting} waiting: policies to score on runs.`}
        </p>
        {queue.failed.length > 0 && (
          <ul className="rows mt-3 text-table" aria-label="Given up">
            {queue.failed.map(({ work, benchmark, policy, error }) => (
              <li key={`${work} ${benchmark} ${policy}`} className="py-2">
                Given up: {policy ? <Link href={`/policies/${policy}`}>{policy}</Link> : "policies"} on{" "}
                <Link href={`/leaderboard/${benchmark}`}>{benchmark}</Link>. <span className="text-ink-3">{error}</span>
              </li>
            ))}
          </ul>
        )}
      </Section>

      <Dumps
        dumps={dumps}
        none={
          env().DMBENCH_MIRROR_OF
            ? "A mirror has none of its own."
            : writesDumps()
              ? "The first one is still to be stored."
              : "This site stores none (DMBENCH_DUMPS)."
        }
      />

      {refused.length > 0 && (
        <Section id="refused" title="Files that are refused">
          <ul className="rows text-table">
            {refused.map(({ file, reason }) => (
              <li key={file} className="py-2">
                <code className="break-all">{file}</code>: {reason}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

function summary({ boards, secondsLeft, paused }: Recording): string {
  const have = boards.reduce((sum, board) => sum + board.have, 0);
  const of = boards.reduce((sum, board) => sum + board.of, 0);
  const runs = `${have} of ${plural(of, "run")}`;
  if (of === 0) return "None are recorded here.";
  if (have === of) return `All ${plural(of, "run")} are there.`;
  if (paused) return `${runs}.`;
  return secondsLeft === null ? `${runs}.` : `${runs}, about ${duration(secondsLeft)} left.`;
}

const columns: readonly Column<BoardRecording>[] = [
  {
    key: "board",
    head: "board",
    cell: ({ benchmark }) => <Link href={`/leaderboard/${benchmark.slug}`}>{benchmark.title}</Link>,
  },
  {
    key: "runs",
    head: "runs",
    align: "end",
    cell: ({ have, of, state }) =>
      state === "absent" ? <span className="missing">none</span> : have === of ? have : `${have} of ${of}`,
  },
  { key: "state", head: "state", cell: (board) => describeState(board) },
  {
    key: "left",
    head: "time left",
    align: "end",
    wide: true,
    cell: ({ secondsLeft, state }) =>
      state === "complete" || state === "absent" || secondsLeft === null ? (
        <span className="missing">–</span>
      ) : (
        duration(secondsLeft)
      ),
  },
];

function describeState({ state, failure }: BoardRecording): ReactNode {
  if (failure)
    return (
      <span className="sentence">
        {failure.reason} Tried {plural(failure.attempts, "time")}, again at{" "}
        <time dateTime={failure.nextAt.toISOString()}>{clock.format(failure.nextAt)} UTC</time>.
      </span>
    );
  return {
    complete: "complete",
    running: "running",
    queued: "in line",
    retrying: "to be tried again",
    absent: <span className="text-ink-3">not here</span>,
  }[state];
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });
