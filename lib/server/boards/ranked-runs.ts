/** Which runs the boards of a benchmark are made of. */
import "server-only";
import { Prisma } from "@/prisma/generated/client";

/** The condition on `run` for the runs that an Open board counts: their seeds are the board's own. */
export const areCounted: Prisma.Sql = Prisma.sql`run.hidden_at IS NULL AND run.issues IS NULL AND run.ranks`;

/** How much of a run its reproduction must agree with. */
const agreesFrom = 0.99;

/** The condition on `run` that another account has trained it again, with the same predictions but for rounding. */
export const isReproduced: Prisma.Sql = Prisma.sql`EXISTS (
  SELECT 1 FROM reproduction JOIN run AS repeat ON repeat.id = reproduction.by_run_id
  WHERE reproduction.run_id = run.id AND agreement >= ${agreesFrom} AND repeat.hidden_at IS NULL)`;

/**
 * The condition on `trajectory` for the runs of one benchmark that its board is made of: held-out ones, or those of
 * published results until enough are recorded.
 */
export const areRanked = (benchmarkId: string): Prisma.Sql => Prisma.sql`
  trajectory.benchmark_id = ${benchmarkId}::uuid
  AND trajectory.visibility = (SELECT ranked_on FROM benchmark WHERE id = ${benchmarkId}::uuid)`;
