/** Runs by users whose trajectories joined the public ones: policies are scored on them, too. */
import "server-only";
import { hasPassed } from "@/lib/leaderboard";
import type { Manifest, Variant } from "@/lib/records";
import type { Database } from "../database/client";
import { insertTrajectory } from "../scoring/trajectories";

/**
 * Makes the public trajectory of a run agree with what is known of the run: there is one once its weights give its
 * predictions and it has passed an audit, and it is withdrawn while the run is hidden or doesn't count.
 * @returns whether there is one now that was not
 */
export async function followRun(tx: Database, runId: string): Promise<boolean> {
  const weights = await tx.runWeights.findUnique({
    where: { runId },
    include: {
      run: {
        select: {
          benchmarkId: true,
          variant: true,
          seed: true,
          manifest: true,
          hiddenAt: true,
          ranks: true,
          issues: true,
          audits: { orderBy: { createdAt: "desc" }, take: 1, select: { outcome: true } },
        },
      },
    },
  });
  if (!weights) return false;
  const { run, outcome, trajectoryId, artifactKey, artifactHash, artifactBytes } = weights;
  const counts = run.hiddenAt === null && run.ranks && run.issues === null;
  const [audit] = run.audits;
  const isSound =
    counts && (outcome === "same" || outcome === "within") && audit !== undefined && hasPassed(audit.outcome);
  if (trajectoryId) {
    await tx.trajectory.update({ where: { id: trajectoryId }, data: { visibility: isSound ? "public" : "withdrawn" } });
    return false;
  }
  if (!isSound || !run.benchmarkId) return false;
  const { dataset, software, backend } = run.manifest as unknown as Manifest; // parsed when it was stored
  const id = await insertTrajectory(tx, {
    benchmarkId: run.benchmarkId,
    variant: run.variant as Variant,
    seed: Number(run.seed),
    visibility: "public",
    artifactKey,
    artifactHash,
    artifactBytes,
    commitmentKey: null,
    dataset,
    software: { dmbench: software.dmbench, backend: backend.name },
    detail: { run: runId },
  });
  if (id === null) return false; // a public run of this seed is there
  await tx.runWeights.update({ where: { runId }, data: { trajectoryId: id } });
  return true;
}
