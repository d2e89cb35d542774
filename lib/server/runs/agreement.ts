/** How far runs agree with those that they reproduce: the share of predictions that are the same. */
import "server-only";
import { countDifferent } from "@/lib/leaderboard";
import type { PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { getIntact } from "../artifacts";
import { refreshBoards } from "../boards/refresh";
import type { Database } from "../database/client";
import { predictionsIn } from "./predictions-file";

interface Parts {
  db: PrismaClient;
  store: ArtifactStore;
}

const file = { select: { predictionsKey: true, predictionsHash: true, benchmarkId: true, variant: true } } as const;
type File = { predictionsKey: string; predictionsHash: string };

/** At once: each reads two files. */
const most = 100;

/** Compares what was not compared yet; what can't be read now, for a day. */
export async function compareReproductions({ db, store }: Parts, byRunId?: string): Promise<void> {
  const pairs = await db.reproduction.findMany({
    where: {
      agreement: null,
      createdAt: { gt: new Date(Date.now() - 86_400_000) },
      ...(byRunId !== undefined && { byRunId }),
    },
    orderBy: { createdAt: "asc" },
    take: most,
    include: { run: file, by: file },
  });
  for (const { runId, byRunId: by, run, by: other } of pairs) {
    const [before, after] = await Promise.all([predictionsOf(run, store), predictionsOf(other, store)]);
    const agreement = before && after && agreementOf(before, after);
    if (agreement === null) continue;
    await db.$transaction(async (tx) => {
      await tx.reproduction.updateMany({ where: { runId, byRunId: by }, data: { agreement } });
      await refreshRowsOf(tx, { runId, ...run });
    });
  }
}

async function predictionsOf(
  { predictionsKey: key, predictionsHash: hash }: File,
  store: ArtifactStore,
): Promise<Map<string, Uint8Array> | null> {
  const bytes = await getIntact(store, { key, hash });
  return bytes && predictionsIn(bytes);
}

/** Over the methods that both have; null if there is none. */
function agreementOf(before: Map<string, Uint8Array>, after: Map<string, Uint8Array>): number | null {
  const both = [...before].flatMap(([method, ids]) => {
    const other = after.get(method);
    return other ? [{ of: ids.length, differing: countDifferent(ids, other) }] : [];
  });
  const of = both.reduce((sum, pair) => sum + pair.of, 0);
  return of === 0 ? null : 1 - both.reduce((sum, pair) => sum + pair.differing, 0) / of;
}

async function refreshRowsOf(
  tx: Database,
  { runId, benchmarkId, variant }: { runId: string; benchmarkId: string | null; variant: string },
): Promise<void> {
  if (!benchmarkId) return;
  const scores = await tx.runScore.findMany({ where: { runId }, select: { policyId: true } });
  await refreshBoards(tx, [
    { benchmarkId, division: "open", variant, policyIds: scores.map(({ policyId }) => policyId) },
  ]);
}
