/** Stores measurements of how fast machines train, and hides those that maintainers take out of the table. */
import "server-only";
import type { MeasurementSubmission, Refusal } from "@/lib/leaderboard";
import { measurementRefusals } from "@/lib/leaderboard";
import { operationsPerImage } from "@/lib/training";
import type { PrismaClient } from "@/prisma/generated/client";
import { sha256 } from "../artifacts";
import { canonicalJson } from "../canonical-json";
import { database } from "../database/client";

export type MeasurementPublication =
  | { id: string /** False if the same measurement was stored before. */; created: boolean }
  | { refusals: [Refusal, ...Refusal[]] };

/**
 * Stores a measurement once per idempotency key, however often it is sent. A refused one stores nothing.
 * @param userId of the account that it goes with; null if nobody is signed in
 */
export async function publishMeasurement(
  { idempotencyKey, measurement }: MeasurementSubmission,
  userId: string | null,
  db: PrismaClient = database(),
): Promise<MeasurementPublication> {
  const refusals = measurementRefusals(measurement, operationsPerImage);
  if (refusals.length > 0) return { refusals: refusals as [Refusal, ...Refusal[]] };
  const contentHash = sha256(canonicalJson(measurement));
  const { speeds, ...machine } = measurement;
  const id = await db.$transaction(async (tx) => {
    const [stored] = await tx.measurement.createManyAndReturn({
      data: [{ ...machine, userId, idempotencyKey, contentHash }],
      skipDuplicates: true, // the key was used before, perhaps just now by another request
      select: { id: true },
    });
    if (!stored) return null;
    await tx.measuredSpeed.createMany({
      data: speeds.map(({ imagesPerSecond, ...speed }) => ({ ...speed, ...imagesPerSecond, measurementId: stored.id })),
    });
    // Not by whom: the log is public, a measurement is of a machine.
    await tx.logEntry.create({
      data: {
        action: "measurement.published",
        subject: "measurement",
        subjectId: stored.id,
        detail: { system: machine.system, browser: machine.browser, speeds: speeds.length },
      },
    });
    return stored.id;
  });
  if (id !== null) return { id, created: true };
  const before = await db.measurement.findUniqueOrThrow({
    where: { idempotencyKey },
    select: { id: true, contentHash: true },
  });
  if (before.contentHash === contentHash) return { id: before.id, created: false };
  return {
    refusals: [
      {
        reason: "key-reused",
        field: "idempotencyKey",
        expected: "a key for this measurement alone",
        found: "a key of another measurement",
        remedy: "Draw a new key, such as crypto.randomUUID(), and send the measurement with it.",
      },
    ],
  };
}

/**
 * Takes a measurement out of the table and the lists, with a public reason; it is kept, and may be hidden already.
 * @returns false if there is none of this id
 */
export async function hideMeasurement(
  id: string,
  { reason, maintainerId }: { reason: string; maintainerId: string },
  db: PrismaClient = database(),
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.measurement.updateMany({
      where: { id, hiddenAt: null },
      data: { hiddenAt: new Date() },
    });
    if (count === 0) return (await tx.measurement.count({ where: { id } })) > 0;
    await tx.logEntry.create({
      data: {
        action: "measurement.hidden",
        subject: "measurement",
        subjectId: id,
        actorId: maintainerId,
        detail: { reason },
      },
    });
    return true;
  });
}
