/**
 * What becomes of a trajectory whose file was found gone or changed: it is looked at again at each scan, repaired if the
 * file is there again, and given up if it isn't; a held-out run that is given up is recorded anew, under another number.
 */
import "server-only";
import type { PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { ArtifactDamaged } from "../artifacts";
import type { Database } from "../database/client";

/** How long a file may be gone before its run is given up: a store may be away, or a setting wrong for a while. */
const graceSeconds = 600;

/**
 * Looks again at the file of each damaged trajectory.
 * @param options.grace in seconds
 */
export async function recheckDamaged(
  { db, store }: { db: PrismaClient; store: ArtifactStore },
  { grace = graceSeconds } = {},
): Promise<void> {
  const rows = await db.trajectory.findMany({
    where: { damage: { not: null } },
    select: { id: true, artifactKey: true, artifactHash: true, visibility: true, lostAt: true },
  });
  for (const { id, artifactKey, artifactHash, visibility, lostAt } of rows) {
    const bytes = await store.get({ key: artifactKey, hash: artifactHash }).catch((error: unknown) => {
      if (error instanceof ArtifactDamaged) return null;
      throw error;
    });
    if (bytes) await repaired(id, "Its file is there, and intact. What could not be scored meanwhile is.", db);
    else if (store.shared && visibility === "held_out" && !lostAt) await giveUp(id, grace, db);
  }
}

/** Marks a trajectory as intact again, with a log entry, unless another process has. */
export async function repaired(id: string, reason: string, db: PrismaClient): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.trajectory.updateMany({
      where: { id, damage: { not: null } },
      data: { damage: null, lostAt: null },
    });
    if (count > 0) await log(tx, id, "trajectory.mended", reason);
  });
}

/** Marks a held-out trajectory as lost if its damage was found `grace` seconds ago or earlier. */
async function giveUp(id: string, grace: number, db: PrismaClient): Promise<void> {
  await db.$transaction(async (tx) => {
    const found = await tx.logEntry.count({
      where: {
        subject: "trajectory",
        subjectId: id,
        action: "trajectory.refused",
        createdAt: { gt: new Date(Date.now() - 1000 * grace) },
      },
    });
    if (found > 0) return;
    const { count } = await tx.trajectory.updateMany({
      where: { id, damage: { not: null }, lostAt: null },
      data: { lostAt: new Date() },
    });
    const reason =
      "Its file is still gone or changed. Another run is recorded in its place, under a number of its own.";
    if (count > 0) await log(tx, id, "trajectory.lost", reason);
  });
}

const log = (tx: Database, subjectId: string, action: string, reason: string) =>
  tx.logEntry.create({ data: { action, subject: "trajectory", subjectId, detail: { reason } } });
