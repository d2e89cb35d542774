/**
 * Reads every stored policy document as the language is today. A policy that can no longer be read is shown with the
 * reason, and ranks nowhere.
 */
import "server-only";
import { PolicyError, parsePolicy } from "@/lib/dmbn/policy";
import type { Issue } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";

/** Policies read at once. */
const BATCH = 1000;

/**
 * Marks the policies that can't be read, and their board rows stale; lifts the mark from those that can be again.
 * @returns how many can't be read
 */
export async function checkStoredPolicies(db: PrismaClient): Promise<number> {
  let unreadable = 0;
  for (let after = ""; ; ) {
    const policies = await db.policy.findMany({
      where: { slug: { gt: after } },
      orderBy: { slug: "asc" },
      take: BATCH,
      select: { id: true, slug: true, document: true },
    });
    const last = policies.at(-1);
    if (!last) return unreadable;
    after = last.slug;
    const outcomes = policies.map(({ id, document }) => ({ id, issues: unreadableBecause(document) }));
    await db.$executeRaw`
      WITH checked AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) AS one(id uuid, issues jsonb)
      ), changed AS (
        UPDATE policy SET issues = checked.issues FROM checked
        WHERE checked.id = policy.id AND policy.issues IS DISTINCT FROM checked.issues
        RETURNING policy.id
      )
      INSERT INTO stale_board_row (benchmark_id, division, variant, policy_id)
      SELECT run.benchmark_id, 'open'::division, run.variant, score.policy_id
      FROM changed JOIN run_score AS score ON score.policy_id = changed.id JOIN run ON run.id = score.run_id
      WHERE run.benchmark_id IS NOT NULL
      UNION
      SELECT trajectory.benchmark_id, 'closed'::division, trajectory.variant, score.policy_id
      FROM changed JOIN score ON score.policy_id = changed.id JOIN trajectory ON trajectory.id = score.trajectory_id`;
    unreadable += outcomes.filter(({ issues }) => issues).length;
  }
}

function unreadableBecause(document: unknown): Issue[] | null {
  try {
    parsePolicy(document);
    return null;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const { field, expected, found, remedy } = error.issue;
    return [{ field: field ? `document.${field}` : "document", expected, found, remedy }];
  }
}
