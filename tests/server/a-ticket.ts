/** A ticket for a seed of the test's own choice. */
import { randomUUID } from "node:crypto";
import type { Submission } from "@/lib/leaderboard";
import type { PrismaClient } from "@/prisma/generated/client";

/** Numbers that no ticket of the site reaches in a test. */
let next = 1_000_000;

interface Options {
  seed: number;
  benchmark?: string;
  userId?: string | null;
  expiresAt?: Date;
}

/** Writes it to the database, as `issueTicket` does; returns its id. */
export async function aTicket(
  db: PrismaClient,
  { seed, benchmark = "digits-mlp", userId = null, expiresAt = new Date(Date.now() + 3_600_000) }: Options,
): Promise<string> {
  const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: benchmark } });
  const { id } = await db.ticket.create({
    data: { id: randomUUID(), benchmarkId, number: next++, seed, userId, expiresAt },
  });
  return id;
}

/** The submission with a ticket for its seed, so that its board counts it. */
export async function ranked(db: PrismaClient, submission: Submission): Promise<Submission> {
  const { benchmark, manifest } = submission.record;
  return { ...submission, ticket: await aTicket(db, { seed: manifest.seed, benchmark: benchmark!.slug }) };
}
