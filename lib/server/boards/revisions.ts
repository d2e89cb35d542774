/** Boards, the revisions that count their changes, and locks on them. */
import "server-only";
import type { Division } from "@/prisma/generated/client";
import type { Database } from "../database/client";

/** One board of a benchmark. */
export interface Board {
  benchmarkId: string;
  division: Division;
}

export const boardKey = ({ benchmarkId, division }: Board): string => `${benchmarkId}/${division}`;

/** These boards without duplicates. */
export function distinctBoards(boards: readonly Board[]): Board[] {
  const byKey = new Map(
    boards.map(({ benchmarkId, division }) => [boardKey({ benchmarkId, division }), { benchmarkId, division }]),
  );
  return [...byKey.values()];
}

/**
 * Bumps the revisions of boards, which invalidates everything cached for them. The last step of a transaction, and
 * always in the same order, so that two transactions can't deadlock.
 */
export async function bumpRevisions(tx: Database, boards: readonly Board[]): Promise<void> {
  const sorted = distinctBoards(boards).sort((a, b) => (boardKey(a) < boardKey(b) ? -1 : 1));
  for (const { benchmarkId, division } of sorted) {
    await tx.$executeRaw`
      INSERT INTO board_revision (benchmark_id, division) VALUES (${benchmarkId}::uuid, ${division}::division)
      ON CONFLICT (benchmark_id, division) DO UPDATE SET revision = board_revision.revision + 1`;
  }
}

/** Holds a lock of this name until the transaction ends. */
export const lock = (tx: Database, name: string) =>
  tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))::text`;
