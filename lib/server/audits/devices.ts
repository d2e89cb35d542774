/** Device classes by how the audits of their runs went, and those that are set aside. */
import "server-only";
import type { DeviceRecord } from "@/lib/leaderboard";
import { isSetAside } from "@/lib/leaderboard";
import type { Manifest } from "@/lib/records";
import { Prisma } from "@/prisma/generated/client";
import { areCounted } from "../boards/ranked-runs";
import type { Database } from "../database/client";
import { enqueueAudits } from "./which";

export type DeviceClass = Pick<DeviceRecord, "backend" | "adapter">;

export const deviceOf = ({ backend: { name, adapter } }: Pick<Manifest, "backend">): DeviceClass => ({
  backend: name,
  adapter,
});

const isOf = ({ backend, adapter }: DeviceClass): Prisma.Sql => Prisma.sql`
  run.manifest #>> '{backend,name}' = ${backend} AND run.manifest #>> '{backend,adapter}' = ${adapter}`;

/** The last audit of each run, by device class; those with most that differ first. */
export async function deviceRecords(db: Database, only?: DeviceClass): Promise<DeviceRecord[]> {
  return db.$queryRaw`
    SELECT run.manifest #>> '{backend,name}' AS backend, run.manifest #>> '{backend,adapter}' AS adapter,
           count(*) FILTER (WHERE last.outcome IN ('same', 'within', 'alike'))::int AS passed,
           count(*) FILTER (WHERE last.outcome = 'differs')::int AS failed,
           count(DISTINCT run.user_id) FILTER (WHERE last.outcome = 'differs')::int AS accounts
    FROM (SELECT DISTINCT ON (run_id) run_id, outcome FROM audit ORDER BY run_id, created_at DESC) AS last
    JOIN run ON run.id = last.run_id
    WHERE ${only ? isOf(only) : Prisma.sql`true`}
    GROUP BY 1, 2 ORDER BY failed DESC, passed DESC, 1, 2 LIMIT 50`;
}

/** Whether runs of this class count only once an audit of their own has passed. */
export async function isDeviceSetAside(db: Database, device: DeviceClass): Promise<boolean> {
  // Every publication asks: those that differ are few and indexed, all audits of a common class are not.
  const [differs] = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM audit JOIN run ON run.id = run_id WHERE outcome = 'differs' AND ${isOf(device)} LIMIT 1`;
  return differs !== undefined && (await deviceRecords(db, device)).some(isSetAside);
}

/** Queues audits of the counted runs of a class that were not audited, if it is set aside. */
export async function auditSetAside(tx: Database, device: DeviceClass): Promise<void> {
  if (!(await isDeviceSetAside(tx, device))) return;
  const runs = await tx.$queryRaw<{ id: string; benchmarkId: string }[]>`
    SELECT run.id::text, run.benchmark_id::text AS "benchmarkId" FROM run
    WHERE ${areCounted} AND run.benchmark_id IS NOT NULL AND ${isOf(device)}
      AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.run_id = run.id)`;
  await enqueueAudits(tx, runs);
}
