/** The reference trajectories. */
import { z } from "zod";
import { listTrajectories } from "@/lib/server/queries/trajectories";
import { parseQuery } from "../../query";

const querySchema = z.strictObject({
  /** Slug; absent: of all. */
  benchmark: z.string().min(1).max(64).optional(),
});

export async function GET(request: Request): Promise<Response> {
  const query = parseQuery(request, querySchema);
  return "refusal" in query ? query.refusal : Response.json({ trajectories: await listTrajectories(query.data) });
}
