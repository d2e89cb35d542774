/** Reads measurements of how fast machines train: one by one, and their medians by class of device. */
import "server-only";
import type { ClassSpeed } from "@/lib/leaderboard";
import type { Measurement } from "@/lib/records";
import type { Prisma } from "@/prisma/generated/client";
import { cached } from "../boards/cache";
import type { Database } from "../database/client";
import { database } from "../database/client";

/** A published measurement; it doesn't say whose. */
export type PublishedMeasurement = Measurement & { id: string; createdAt: Date };

const columns = {
  id: true,
  createdAt: true,
  version: true,
  browser: true,
  browserVersion: true,
  system: true,
  cores: true,
  speeds: { orderBy: [{ backend: "desc" }, { network: "asc" }], omit: { measurementId: true } },
} satisfies Prisma.MeasurementSelect;

const published = ({
  speeds,
  ...measurement
}: Prisma.MeasurementGetPayload<{ select: typeof columns }>): PublishedMeasurement => ({
  ...measurement,
  speeds: speeds.map(({ median, least, most, ...speed }) => ({
    ...(speed as Omit<Measurement["speeds"][number], "imagesPerSecond">),
    imagesPerSecond: { median, least, most },
  })),
});

/** Measurements, newest first. @param after id of the last one of the previous page */
export async function recentMeasurements(
  { take, after }: { take: number; after?: string | undefined },
  db: Database = database(),
): Promise<PublishedMeasurement[]> {
  const rows = await db.measurement.findMany({
    where: { hiddenAt: null },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take,
    ...(after && { cursor: { id: after }, skip: 1 }),
    select: columns,
  });
  return rows.map(published);
}

/** A measurement; null if there is none of this id, or it is hidden. */
export async function findMeasurement(id: string, db: Database = database()): Promise<PublishedMeasurement | null> {
  const row = await db.measurement.findUnique({ where: { id, hiddenAt: null }, select: columns });
  return row && published(row);
}

/** Classes in the table: those that were measured most often, of each network. */
const mostRows = 2000;

/** Medians by class of device and network, in no particular order. Cached until a measurement comes or goes. */
export async function classSpeeds(db: Database = database()): Promise<readonly ClassSpeed[]> {
  const [state] = await db.$queryRaw<[{ state: string }]>`
    SELECT concat_ws(' ', count(*), max(hidden_at), max(created_at)) AS state FROM measurement`;
  const { rows } = await cached(state.state, "class speeds", async () => ({ rows: await computeSpeeds(db) }));
  return rows;
}

const computeSpeeds = (db: Database): Promise<ClassSpeed[]> => db.$queryRaw`
  WITH speed AS (
    SELECT network, backend, adapter, software, median, version, measurement.created_at, measurement.id,
           CASE WHEN backend <> 'webgpu' THEN browser END AS browser,
           CASE WHEN backend <> 'webgpu' THEN system END AS system,
           CASE WHEN backend <> 'webgpu' THEN cores END AS cores,
           CASE WHEN backend <> 'webgpu' THEN threads END AS threads
    FROM measured_speed JOIN measurement ON measurement.id = measurement_id
    WHERE hidden_at IS NULL
  )
  SELECT network, backend, adapter, software, browser, system, cores, threads,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY median) AS median,
         CASE WHEN count(*) > 1 THEN percentile_cont(0.25) WITHIN GROUP (ORDER BY median) END AS low,
         CASE WHEN count(*) > 1 THEN percentile_cont(0.75) WITHIN GROUP (ORDER BY median) END AS high,
         count(*)::int AS n,
         (array_agg(version ORDER BY created_at DESC, id DESC))[1] AS version
  FROM speed
  GROUP BY network, backend, adapter, software, browser, system, cores, threads
  ORDER BY n DESC, median DESC
  LIMIT ${mostRows}`;
