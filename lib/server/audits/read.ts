/** Audits of this installation as people see them. */
import "server-only";
import type { AuditOutcome, DeviceRecord } from "@/lib/leaderboard";
import { auditOutcomes, isSetAside } from "@/lib/leaderboard";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { env } from "../env";
import { deviceRecords } from "./devices";
import { auditedToday } from "./which";

export interface AuditState {
  /** Runs that wait to be trained again. */
  waiting: number;
  /** Audits by what came of them. */
  outcomes: Record<AuditOutcome, number>;
  /** By what the runs name as their backend and adapter, those with most that differ first. */
  devices: (DeviceRecord & { setAside: boolean })[];
  /** Seconds since midnight UTC, and how many a day may have. */
  seconds: { today: number; aDay: number };
}

export async function auditState(db: Database = database()): Promise<AuditState> {
  const [waiting, counts, devices, today] = await Promise.all([
    db.job.count({ where: { kind: "audit", failedAt: null } }),
    db.audit.groupBy({ by: ["outcome"], _count: true }),
    deviceRecords(db),
    auditedToday(db),
  ]);
  const outcomes = Object.fromEntries(
    auditOutcomes.map((outcome) => [outcome, counts.find((row) => row.outcome === outcome)?._count ?? 0]),
  ) as Record<AuditOutcome, number>;
  return {
    waiting,
    outcomes,
    devices: devices.map((device) => ({ ...device, setAside: isSetAside(device) })),
    seconds: { today, aDay: env().DMBENCH_AUDIT_SECONDS },
  };
}
