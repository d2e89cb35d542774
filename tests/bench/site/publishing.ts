/**
 * People publishing at a fixed rate, each with a token and an address of their own, and a key per run. They retry with
 * the same key until the server acknowledges their run, also while it is being killed.
 */
import { setTimeout } from "node:timers/promises";
import type { Benchmark } from "@/lib/leaderboard";
import { makeToken } from "@/lib/server/people/tokens";
import type { PrismaClient } from "@/prisma/generated/client";
import type { TestData } from "../../leaderboard/a-submission";
import { aSubmission } from "../../leaderboard/a-submission";
import { percentiles } from "./load";

export interface Publisher {
  token: string;
  address: string;
}

/** Accounts with a token each, enough to stay below everyone's limits. */
export async function publishers(db: PrismaClient, count: number): Promise<Publisher[]> {
  const created: Publisher[] = [];
  const batchId = crypto.randomUUID().slice(0, 8);
  for (let index = 0; index < count; index += 1) {
    const { id } = await db.user.create({ data: { name: `publisher-${batchId}-${index}` }, select: { id: true } });
    const token = await makeToken(id, { name: "bench", scopes: ["submit:runs", "submit:policies"] }, db);
    if ("refusal" in token) throw new Error(token.refusal.remedy);
    created.push({ token: token.token, address: `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}` });
  }
  return created;
}

/** Tickets of nobody for consecutive seeds, so that the board counts the runs. */
async function ticketsFor(
  db: PrismaClient,
  { benchmark: { slug, version }, count, from }: { benchmark: Benchmark; count: number; from: number },
): Promise<string[]> {
  const { id: benchmarkId } = await db.benchmark.findUniqueOrThrow({ where: { slug_version: { slug, version } } });
  const expiresAt = new Date(Date.now() + 86_400_000);
  const data = Array.from({ length: count }, (_, index) => ({
    id: crypto.randomUUID(),
    benchmarkId,
    number: from + index,
    seed: from + index,
    expiresAt,
  }));
  await db.ticket.createMany({ data });
  return data.map(({ id }) => id);
}

export interface Published {
  /** Idempotency key → id of the run, as acknowledged. */
  acknowledged: Map<string, string>;
  /** Milliseconds from the first attempt to the acknowledgement. */
  times: number[];
  /** Milliseconds of first attempts that succeeded without a retry. */
  tries: number;
}

/** Starts `count` publications, `rate` a second; ends when all are acknowledged. */
export async function publishMany(
  site: () => string,
  people: readonly Publisher[],
  {
    dataset,
    benchmark,
    count,
    rate,
    from,
    db,
  }: { dataset: TestData; benchmark: Benchmark; count: number; rate: number; from: number; db: PrismaClient },
): Promise<Published> {
  const done: Published = { acknowledged: new Map(), times: [], tries: 0 };
  const tickets = await ticketsFor(db, { benchmark, count, from });
  const submissions = Array.from({ length: count }, (_, index) => {
    const { idempotencyKey, ...rest } = aSubmission({
      dataset,
      benchmark,
      seed: from + index,
      ticket: tickets[index]!,
      policies: ["pytorch-default", "keras-default", "dmbn", "precise-bn"],
      wrongEvery: [7 + (index % 5), 6, 9, 11],
    });
    return { idempotencyKey, body: JSON.stringify({ idempotencyKey, ...rest }) }; // before the clock starts
  });
  const publish = async (index: number): Promise<void> => {
    const { token, address } = people[index % people.length]!;
    const { idempotencyKey, body } = submissions[index]!;
    const started = performance.now();
    for (let wait = 100; ; wait = Math.min(2000, 2 * wait)) {
      done.tries += 1;
      // Node 20 sometimes garbage-collects AbortSignal.timeout, and then the wait never ends.
      const patience = new AbortController();
      const end = globalThis.setTimeout(() => patience.abort(), 20_000);
      const answer = await fetch(`${site()}/api/v1/runs`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}`, "x-forwarded-for": address },
        body,
        signal: patience.signal,
      }).catch(() => null);
      if (answer?.ok) {
        const acknowledgement = (await answer.json().catch(() => null)) as { id: string } | null;
        if (acknowledgement) {
          clearTimeout(end);
          done.times.push(performance.now() - started);
          done.acknowledged.set(idempotencyKey, acknowledgement.id);
          return;
        }
      } else if (answer && answer.status < 500 && answer.status !== 429)
        throw new Error(`refused: ${answer.status} ${await answer.text()}`);
      clearTimeout(end);
      await setTimeout(wait);
    }
  };
  const pending: Promise<void>[] = [];
  const begin = performance.now();
  for (let index = 0; index < count; index += 1) {
    const due = begin + (1000 * index) / rate;
    if (due > performance.now()) await setTimeout(due - performance.now());
    pending.push(publish(index));
  }
  await Promise.all(pending);
  return done;
}

/** How many acknowledged runs the database lacks, and how many it has more than once. */
export async function lostAndDoubled(
  db: PrismaClient,
  { acknowledged }: Published,
): Promise<{ lost: number; doubled: number }> {
  const rows = await db.run.findMany({
    where: { idempotencyKey: { in: [...acknowledged.keys()] } },
    select: { id: true, idempotencyKey: true, _count: { select: { scores: true } } },
  });
  const ids = new Map<string, string[]>();
  for (const { id, idempotencyKey, _count } of rows)
    if (_count.scores === 4) ids.set(idempotencyKey, [...(ids.get(idempotencyKey) ?? []), id]);
  const lost = [...acknowledged].filter(([key, id]) => !ids.get(key)?.includes(id)).length;
  return { lost, doubled: [...ids.values()].filter((of) => of.length > 1).length };
}

export const timesOf = ({ times }: Published) => percentiles(times);
