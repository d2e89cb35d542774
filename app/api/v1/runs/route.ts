/** Publish a run; list the newest. */
import { z } from "zod";
import { currentUser } from "@/lib/server/auth";
import { recentRuns } from "@/lib/server/queries/runs";
import { parseQuery } from "../../query";
import { publishRun } from "./publish-run";

export const POST = async (request: Request): Promise<Response> => publishRun(request, await currentUser());

const querySchema = z.strictObject({
  take: z.coerce.number().int().min(1).max(100).default(20),
  /** Id of the last run of the page before. */
  after: z.uuid().optional(),
  user: z.string().min(1).max(64).optional(),
});

export async function GET(request: Request): Promise<Response> {
  const query = parseQuery(request, querySchema);
  return "refusal" in query ? query.refusal : Response.json({ runs: await recentRuns(query.data) });
}
