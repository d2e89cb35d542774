/**
 * Reads policies that were stored under an earlier version of their language as it is today. A policy that can no longer be read is shown with the
 * reason, and ranks nowhere.
 */
import "server-only";
import { PolicyError, parsePolicy } from "@/lib/dmbn/policy";
import { policyRulesVersion } from "@/lib/leaderboard";
import type { Issue } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";

/** Policies read at once. */
const BATCH = 1000;

/**
 * Reads every policy that was last read in another version of the language. Marks those that can't be read, and lifts
 * the mark from those that can be again; their board rows become stale.
 * @returns how many of them can't be read
 */
export async function checkStoredPolicies(db: PrismaClient): Promise<{ checked: number; unreadable: number }> {
  const total = { checked: 0, unreadable: 0 };
  for (;;) {
    const policies = await db.policy.findMany({
      where: { rulesVersion: { not: policyRulesVersion } },
      orderBy: { id: "asc" },
      take: BATCH,
      select: { id: true, document: true },
    });
    if (policies.length === 0) return total;
    const outcomes = policies.map(({ id, document }) => ({ id, issues: unreadableBecause(document) }));
    await db.$executeRaw`
      WITH checked AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) AS one(id uuid, issues jsonb)
      ), changed AS (
        SELECT policy.id FROM policy JOIN checked ON checked.id = policy.id
        WHERE (policy.issues IS NULL) <> (checked.issues IS NULL)
      ), marked AS (
        INSERT INTO stale_board_row (benchmark_id, division, variant, policy_id)
        SELECT run.benchmark_id, 'open'::division, run.variant, score.policy_id
        FROM changed JOIN run_score AS score ON score.policy_id = changed.id JOIN run ON run.id = score.run_id
        WHERE run.benchmark_id IS NOT NULL
        UNION
        SELECT trajectory.benchmark_id, 'closed'::division, trajectory.variant, score.policy_id
        FROM changed JOIN score ON score.policy_id = changed.id JOIN trajectory ON trajectory.id = score.trajectory_id
      )
      UPDATE policy SET rules_version = ${policyRulesVersion}, issues = checked.issues
      FROM checked WHERE checked.id = policy.id`;
    total.checked += policies.length;
    total.unreadable += outcomes.filter(({ issues }) => issues).length;
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
