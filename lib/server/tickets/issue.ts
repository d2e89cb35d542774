/** Issues tickets: the seed that a board needs next. */
import "server-only";
import { randomUUID } from "node:crypto";
import type { Refusal } from "@/lib/leaderboard";
import { openTicketsAtMost, ticketDays } from "@/lib/leaderboard";
import type { PrismaClient } from "@/prisma/generated/client";
import { findBenchmark } from "../boards/benchmarks";
import { lock } from "../boards/revisions";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { siteSecret } from "../people/session-secret";
import { ticketSeed } from "./seeds";

export interface Ticket {
  /** To publish with. */
  id: string;
  benchmark: { slug: string; version: number };
  seed: number;
  /** Of the board's tickets, from 1. */
  number: number;
  expiresAt: Date;
  /** The most seeds that one of the board's methods has by now. */
  seeds: number;
}

export interface TicketRequest {
  /** The benchmark, in its newest version. */
  slug: string;
  /** Who asks; null if nobody is signed in. */
  userId: string | null;
  /** A new ticket, even if the account has an open one. */
  another: boolean;
}

/**
 * The account's open ticket of the benchmark, or a new one: who asks again gets no other seed before the first is
 * reported.
 * @returns null if there is no such benchmark
 */
export async function issueTicket(
  { slug, userId, another }: TicketRequest,
  { db = database(), secret = siteSecret() }: { db?: PrismaClient; secret?: string } = {},
): Promise<{ ticket: Ticket; created: boolean } | { refusals: [Refusal] } | null> {
  const benchmark = await findBenchmark(slug, undefined, db);
  if (!benchmark) return null;
  const issued = await db.$transaction(async (tx) => {
    await lock(tx, `tickets/${benchmark.id}`);
    const open = userId
      ? await tx.ticket.findMany({
          where: { benchmarkId: benchmark.id, userId, reportedAt: null, expiresAt: { gt: new Date() } },
          orderBy: { number: "desc" },
        })
      : [];
    if (open[0] && !another) return { ticket: open[0], created: false };
    if (open.length >= openTicketsAtMost) return null;
    return { ticket: await next(tx, { benchmarkId: benchmark.id, userId, secret }), created: true };
  });
  if (!issued)
    return {
      refusals: [
        {
          reason: "too-many",
          field: "another",
          expected: `at most ${openTicketsAtMost} unreported tickets of a benchmark`,
          found: `${openTicketsAtMost} that you hold`,
          remedy: `Publish a run with one of them, or wait: they expire after ${ticketDays} days.`,
        },
      ],
    };
  const { ticket, created } = issued;
  return {
    created,
    ticket: {
      id: ticket.id,
      benchmark: { slug: benchmark.slug, version: benchmark.version },
      seed: Number(ticket.seed),
      number: ticket.number,
      expiresAt: ticket.expiresAt,
      seeds: await seedsOf(db, benchmark.id),
    },
  };
}

async function next(
  tx: Database,
  { benchmarkId, userId, secret }: { benchmarkId: string; userId: string | null; secret: string },
) {
  const { _max } = await tx.ticket.aggregate({ where: { benchmarkId }, _max: { number: true } });
  for (let number = (_max.number ?? 0) + 1; ; number++) {
    const seed = ticketSeed(secret, benchmarkId, number);
    if (await isTaken(tx, benchmarkId, seed)) continue;
    const expiresAt = new Date(Date.now() + ticketDays * 86_400_000);
    return tx.ticket.create({ data: { id: randomUUID(), benchmarkId, number, seed, userId, expiresAt } });
  }
}

/** Whether a ticket, a run or a reference run of the benchmark has the seed. */
async function isTaken(tx: Database, benchmarkId: string, seed: number): Promise<boolean> {
  const where = { benchmarkId, seed };
  return (
    (await tx.ticket.count({ where })) + (await tx.run.count({ where })) + (await tx.trajectory.count({ where })) > 0
  );
}

async function seedsOf(db: Database, benchmarkId: string): Promise<number> {
  const { _max } = await db.boardRow.aggregate({ where: { benchmarkId, division: "open" }, _max: { n: true } });
  return _max.n ?? 0;
}
