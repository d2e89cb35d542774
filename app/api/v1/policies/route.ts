/** The momentum policies; submit one. */
import { currentUser } from "@/lib/server/auth";
import { database } from "@/lib/server/db";
import { listPolicies } from "@/lib/server/queries/policies";
import { siteScorers, worker } from "@/lib/server/scoring/worker";
import { submit } from "./submit";

export const dynamic = "force-dynamic";

export const GET = async (): Promise<Response> => Response.json({ policies: await listPolicies() });

export const POST = async (request: Request): Promise<Response> =>
  submit(request, await currentUser(), { db: database(), scorer: siteScorers().prompt, wake });

function wake(): void {
  for (const lane of ["prompt", "background"] as const) void worker().work(lane);
}
