/**
 * Many instances of the standalone build for minutes, frozen and killed, while people publish and submit policies: what is
 * lost, doubled or late.
 */
import { setTimeout } from "node:timers/promises";
import type { Benchmark } from "@/lib/leaderboard";
import { firstRuns } from "@/lib/leaderboard";
import { openDatabase } from "@/lib/server/database/client";
import type { PrismaClient } from "@/prisma/generated/client";
import { cronSecret, noFaults, startInstances } from "../../deploy/instances";
import { openSessions, staleRows, startCron, submitMany } from "../../deploy/traffic";
import type { TestData } from "../../leaderboard/a-submission";
import { percentiles } from "./load";
import { lostAndDoubled, publishers, publishMany, timesOf } from "./publishing";

export interface InstancesBench {
  seconds: number;
  /** Runs a second. */
  publishRate: number;
  /** Policies a second. */
  submitRate: number;
  dataset: TestData;
  benchmark: Benchmark;
}

/** As many as ranks need. */
const heldOutRuns = firstRuns;

/** @param say takes a name, what was measured and the goal */
export async function benchInstances(
  count: number,
  { seconds, publishRate, submitRate, dataset, benchmark }: InstancesBench,
  say: (name: string, value: string, goal?: string) => void,
): Promise<void> {
  const site = await startInstances(count, {
    settings: { DMBENCH_RECORD: benchmark.slug, DMBENCH_RECORD_RUNS: String(heldOutRuns) },
  });
  const opened = openDatabase({ url: site.database, connections: 3 });
  const db = opened.client;
  try {
    const people = await publishers(db, 100);
    site.startWorker("record");
    const stopCron = startCron(site.address, { secret: cronSecret, everySeconds: 60, seconds: 50 });
    await recorded(db);
    let sessions = 0;
    let oldest = 0;
    const watch = setInterval(() => {
      openSessions(db).then((now) => (sessions = Math.max(sessions, now)), console.error);
      staleRows(db).then(({ oldestSeconds }) => (oldest = Math.max(oldest, oldestSeconds)), console.error);
    }, 1000);
    site.faults = { freezeEvery: 3, killEvery: 300 };
    const [published, policies] = await Promise.all([
      publishMany(() => site.address, people, {
        dataset,
        benchmark,
        count: publishRate * seconds,
        rate: publishRate,
        from: 5_000_000,
        db,
      }),
      submitMany(site.address, people, {
        count: submitRate * seconds,
        rate: submitRate,
        benchmark: benchmark.slug,
      }),
    ]);
    site.faults = noFaults;
    const { rows: stale } = await settled(() => staleRows(db));
    clearInterval(watch);
    await stopCron();
    const { frozen, killed } = site.counts;
    const { lost, doubled } = await lostAndDoubled(db, published);
    const { p50, p95 } = timesOf(published);
    const scored = percentiles(policies.map(({ milliseconds }) => milliseconds));
    const slowest = Math.max(...policies.map(({ milliseconds }) => milliseconds));
    const refused = await db.logEntry.count({ where: { action: { in: ["trajectory.refused", "trajectory.lost"] } } });
    const damaged = await db.trajectory.count({ where: { damage: { not: null } } });
    const at = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    say(`${count} instances for ${seconds} s: frozen, killed`, `${frozen}, ${killed}`);
    say(
      `${published.acknowledged.size} runs acknowledged in ${published.tries} tries`,
      `p50 ${at(p50)}, p95 ${at(p95)}`,
    );
    say("… lost, doubled", `${lost}, ${doubled}`, "0, 0");
    say("trajectories refused or lost, damaged", `${refused}, ${damaged}`, "0, 0");
    say("the longest that a run was not on its board", `${oldest.toFixed(0)} s, ${stale} left`, "≤ 70 s, none");
    say(
      `${policies.length} policies scored everywhere`,
      `p50 ${at(scored.p50)}, p95 ${at(scored.p95)}, slowest ${at(slowest)}`,
      "≤ 90 s after a kill",
    );
    say("sessions of PostgreSQL at most", `${sessions}`, "≤ 40");
    say("files written by instances", `${site.writtenFiles().length}`, "0");
  } finally {
    await opened.close();
    await site.stop();
  }
}

/** Resolves once the held-out runs of the board are there and scored: a new site spends its first minutes on them. */
async function recorded(db: PrismaClient): Promise<void> {
  for (let heldOut = 0, jobs = 0; heldOut < 2 * heldOutRuns || jobs > 0; ) {
    await setTimeout(1000);
    heldOut = await db.trajectory.count({ where: { visibility: "held_out" } }); // in two variants
    jobs = await db.job.count({ where: { failedAt: null } });
  }
}

/** Asks again for up to 70 s while rows are stale. */
async function settled<Answer extends { rows: number }>(ask: () => Promise<Answer>): Promise<Answer> {
  for (const end = Date.now() + 70_000; ; await setTimeout(500)) {
    const answer = await ask();
    if (answer.rows === 0 || Date.now() > end) return answer;
  }
}
