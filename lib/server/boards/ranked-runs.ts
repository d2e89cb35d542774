/** Which runs the Closed board of a benchmark is made of. */
import "server-only";
import { Prisma } from "@/prisma/generated/client";

/**
 * The condition on `trajectory` for the runs of one benchmark that its board is made of: held-out ones, or those of
 * published results until enough are recorded.
 */
export const areRanked = (benchmarkId: string): Prisma.Sql => Prisma.sql`
  trajectory.benchmark_id = ${benchmarkId}::uuid
  AND trajectory.visibility = (SELECT ranked_on FROM benchmark WHERE id = ${benchmarkId}::uuid)`;
