/** A momentum policy and where it stands. */
import { policy } from "@/lib/server/queries/policies";
import { notFound } from "../../../problem";

export async function GET(_request: Request, { params }: RouteContext<"/api/v1/policies/[slug]">): Promise<Response> {
  const found = await policy((await params).slug);
  return found ? Response.json(found) : notFound("policy of this name", "/api/v1/policies");
}
