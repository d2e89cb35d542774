/**
 * Retires held-out runs: they rank nobody from then on, the log shows their seeds, files' hashes and keys, so that anybody
 * can check what was announced, and the site records others in their place, under new numbers.
 */
import "server-only";
import type { PrismaClient } from "@/prisma/generated/client";
import { OperationError } from "../backup/operation-error";
import { findBenchmark } from "../boards/benchmarks";
import { refreshStaleBoards } from "../boards/refresh";
import { lock } from "../boards/revisions";
import { commitmentOf } from "./commitment";
import { standInAgain } from "./published-results";
import { trajectoriesLock } from "./trajectories";

/**
 * @param numbers of the runs; null for all that are in use
 * @returns the numbers of those that were retired, in every variant
 * @throws OperationError if there is no such benchmark, or no run in use of a number; nothing is retired then
 */
export async function retireRuns(
  { benchmark: slug, numbers }: { benchmark: string; numbers: readonly number[] | null },
  db: PrismaClient,
): Promise<number[]> {
  const benchmark = await findBenchmark(slug, undefined, db);
  if (!benchmark) throw new OperationError(`benchmark: expected one of this site's, found ${slug}.`);
  const benchmarkId = benchmark.id;
  const retired = await db.$transaction(async (tx) => {
    await lock(tx, trajectoriesLock(benchmarkId));
    const rows = await tx.trajectory.findMany({
      where: { benchmarkId, visibility: "held_out", ...(numbers && { number: { in: [...numbers] } }) },
      orderBy: [{ number: "asc" }, { variant: "asc" }],
      select: { id: true, variant: true, number: true, seed: true, artifactHash: true, commitmentKey: true },
    });
    const found = [...new Set(rows.map(({ number }) => number))];
    const unknown = numbers?.filter((number) => !found.includes(number)) ?? [];
    if (unknown.length > 0 || found.length === 0)
      throw new OperationError(
        `runs: expected numbers of held-out runs of ${slug} that are in use, found ${unknown.join(", ") || "no run"}. ` +
          "Nothing was retired.",
      );
    const ids = rows.map(({ id }) => id);
    await tx.trajectory.updateMany({ where: { id: { in: ids } }, data: { visibility: "retired" } });
    await tx.$executeRaw`
        INSERT INTO stale_board_row (benchmark_id, division, variant, policy_id)
        SELECT DISTINCT trajectory.benchmark_id, 'closed'::division, trajectory.variant, score.policy_id
        FROM trajectory JOIN score ON score.trajectory_id = trajectory.id WHERE trajectory.id = ANY (${ids}::uuid[])`;
    await tx.logEntry.createMany({
      data: rows.map(({ id, variant, number, seed, artifactHash, commitmentKey }) => ({
        action: "trajectory.retired",
        subject: "trajectory",
        subjectId: id,
        detail: {
          benchmarkId,
          benchmark: slug,
          variant,
          number,
          seed: Number(seed),
          sha256: artifactHash,
          key: commitmentKey && Buffer.from(commitmentKey).toString("hex"),
          commitment: commitmentOf({ seed, artifactHash, commitmentKey }),
        },
      })),
    });
    await standInAgain(tx, benchmarkId);
    return found;
  });
  await refreshStaleBoards(db);
  return retired;
}
