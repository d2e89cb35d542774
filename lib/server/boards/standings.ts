/** The standings of one policy on all boards. */
import "server-only";
import type { BoardEntry, PolicyName } from "@/lib/leaderboard";
import { answerInWords } from "@/lib/leaderboard";
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

/**
 * What the boards say of a policy, by the better of its variants on each board of the Closed division.
 * @param policyStandings from `standings`
 */
export async function policyAnswer(
  policyId: string,
  policyStandings: readonly Standing[],
  db: Database = database(),
): Promise<string> {
  const better = new Map<string, Standing>();
  for (const standing of policyStandings) {
    const { benchmark, entry } = standing;
    if (entry.division !== "closed") continue;
    const key = `${benchmark.slug}@${benchmark.version}`;
    const other = better.get(key);
    if (!other || other.entry.accuracy.mean < entry.accuracy.mean) better.set(key, standing);
  }
  const boards = [...better.values()].map(({ benchmark: { title }, entry }) => ({
    title,
    standing: entry.standing,
    gap: entry.gap?.mean ?? null,
  }));
  return answerInWords(boards, await nearest(policyId, db));
}

/** The built-in policy whose accuracies on the boards that both are on differ the least on average. */
async function nearest(policyId: string, db: Database): Promise<PolicyName | null> {
  const [found] = await db.$queryRaw<PolicyName[]>`
    SELECT policy.slug, policy.name
    FROM board_row AS own
    JOIN board_row AS other
      ON other.benchmark_id = own.benchmark_id AND other.division = own.division AND other.variant = own.variant
    JOIN policy ON policy.id = other.policy_id
    WHERE own.policy_id = ${policyId}::uuid AND own.division = 'closed' AND other.policy_id <> own.policy_id
      AND policy.built_in IS NOT NULL AND policy.hidden_at IS NULL
    GROUP BY policy.id
    ORDER BY avg(abs(other.accuracy_mean - own.accuracy_mean)), policy.built_in LIMIT 1`;
  return found ?? null;
}
