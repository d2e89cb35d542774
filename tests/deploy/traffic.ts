/** What the users and the cron service of a site do at a steady rate, and what is then looked for in its database. */
import { setTimeout } from "node:timers/promises";
import { schedule } from "@/lib/dmbn/policy";
import type { PrismaClient } from "@/prisma/generated/client";
import type { Publisher } from "../bench/site/publishing";

/** Calls `/api/v1/work` every so many seconds until stopped, as a cron service does. */
export function startCron(
  address: string,
  { secret, everySeconds, seconds }: { secret: string; everySeconds: number; seconds: number },
): () => Promise<void> {
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      await fetch(`${address}/api/v1/work?seconds=${seconds}`, {
        headers: { authorization: `Bearer ${secret}` },
      }).catch(
        () => {}, // the instance was killed: the next call goes on
      );
      for (let waited = 0; waited < everySeconds && !stopped; waited += 0.5) await setTimeout(500);
    }
  })();
  return () => {
    stopped = true;
    return running;
  };
}

/**
 * Submits policies that nobody has submitted, `rate` a second, each until it is acknowledged.
 * @returns their slugs, and the milliseconds from the first attempt until the site says that it is scored everywhere
 */
export async function submitMany(
  address: string,
  people: readonly Publisher[],
  { count, rate, benchmark }: { count: number; rate: number; benchmark: string },
): Promise<{ slug: string; milliseconds: number }[]> {
  const submit = async (index: number) => {
    const { token, address: client } = people[index % people.length]!;
    const document = schedule(0.5 + index / 1e6);
    const body = JSON.stringify({ document, name: `Policy ${index}`, benchmarks: [benchmark] });
    const started = performance.now();
    // As a page does: once it is acknowledged its scores are asked for until they are all there.
    let page: string | null = null;
    for (let wait = 200; ; wait = Math.min(2000, 2 * wait)) {
      const answer: Response | null = await fetch(`${address}${page ?? "/api/v1/policies"}`, {
        ...(page === null && { method: "POST", body }),
        headers: { "content-type": "application/json", authorization: `Bearer ${token}`, "x-forwarded-for": client },
      }).catch(() => null);
      if (answer && answer.status >= 400 && answer.status < 500 && answer.status !== 429)
        throw new Error(`refused: ${answer.status} ${await answer.text()}`);
      const { slug, scoring = [] } = ((await answer?.json().catch(() => null)) ?? {}) as {
        slug?: string;
        scoring?: { state: string }[];
      };
      if (slug && scoring.length > 0 && scoring.every(({ state }) => state === "scored"))
        return { slug, milliseconds: performance.now() - started };
      page ??= answer?.ok ? answer.headers.get("location") : null;
      await setTimeout(wait);
    }
  };
  const begin = performance.now();
  const pending: ReturnType<typeof submit>[] = [];
  for (let index = 0; index < count; index += 1) {
    const due = begin + (1000 * index) / rate;
    if (due > performance.now()) await setTimeout(due - performance.now());
    pending.push(submit(index));
  }
  return Promise.all(pending);
}

/** The rows of boards of users' runs that don't show what is stored, and for how long the oldest run has waited. */
export async function staleRows(db: PrismaClient): Promise<{ rows: number; oldestSeconds: number }> {
  const [stale] = await db.$queryRaw<[{ rows: number; oldest: number | null }]>`
    SELECT count(*)::int AS rows, max(extract(epoch FROM now() - waiting))::float8 AS oldest
    FROM (
      SELECT count(*) AS stored, max(board.runs) AS shown,
             coalesce(min(run.created_at) FILTER (WHERE run.created_at > board.updated_at), max(run.created_at)) AS waiting
      FROM run
      JOIN run_score score ON score.run_id = run.id
      LEFT JOIN board_row board ON board.benchmark_id = run.benchmark_id AND board.variant = run.variant
        AND board.policy_id = score.policy_id AND board.division = 'open'
      WHERE run.benchmark_id IS NOT NULL AND run.hidden_at IS NULL AND run.issues IS NULL
      GROUP BY run.benchmark_id, run.variant, score.policy_id
    ) method
    WHERE shown IS DISTINCT FROM stored`;
  return { rows: stale.rows, oldestSeconds: stale.oldest ?? 0 };
}

/** Sessions that a database has open. */
export async function openSessions(db: PrismaClient): Promise<number> {
  const [{ sessions }] = await db.$queryRaw<[{ sessions: number }]>`
    SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE backend_type = 'client backend'`;
  return sessions;
}
