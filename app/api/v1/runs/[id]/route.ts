/** Everything that was published with a run. */
import { run } from "@/lib/server/queries/runs";
import { notFound } from "../../../problem";

export async function GET(_request: Request, { params }: RouteContext<"/api/v1/runs/[id]">): Promise<Response> {
  const found = await run((await params).id);
  return found ? Response.json(found) : notFound("run of this id", "/api/v1/runs");
}
