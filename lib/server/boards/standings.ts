/** The standings of one policy on all boards. */
import "server-only";
import type { BoardEntry } from "@/lib/leaderboard";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { BenchmarkInfo } from "./benchmarks";
import { info } from "./benchmarks";
import { selectRows } from "./read";

/** A policy's place on one board. */
export interface Standing {
  benchmark: BenchmarkInfo;
  /** 1 for the highest mean accuracy among the methods of the board; equal means share a place. */
  place: number;
  /** Methods on that board. */
  of: number;
  entry: BoardEntry;
}

/** A policy's standings, boards in the order they were added. */
export async function standings(policyId: string, db: Database = database()): Promise<Standing[]> {
  const where = [Prisma.sql`entry.policy_id = ${policyId}::uuid`, Prisma.sql`policy.hidden_at IS NULL`];
  const rows = await selectRows(db, { seeds: "together" }, { where });
  const benchmarks = await db.benchmark.findMany({
    where: { id: { in: rows.map(({ benchmarkId }) => benchmarkId) } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  return Promise.all(
    benchmarks.flatMap((benchmark) =>
      rows
        .filter(({ benchmarkId }) => benchmarkId === benchmark.id)
        .map(async ({ benchmarkId, entry }): Promise<Standing> => {
          const board = { benchmarkId, division: entry.division };
          const [better, of] = await Promise.all([
            db.boardRow.count({ where: { ...board, accuracyMean: { gt: entry.accuracy.mean } } }),
            db.boardRow.count({ where: board }),
          ]);
          return { benchmark: info(benchmark), place: better + 1, of, entry };
        }),
    ),
  );
}
