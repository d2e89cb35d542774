/** Whether a benchmark can separate two methods of its board. */
import { z } from "zod";
import { separate } from "@/lib/server/queries/separate";
import { notFound } from "../../../../problem";
import { parseQuery } from "../../../../query";

const methodSchema = z.string().regex(/^[a-z0-9-]{1,16}\/[^/]{1,64}$/, "variant/policy slug, such as bn/dmbn");

const querySchema = z.strictObject({
  a: methodSchema,
  b: methodSchema,
  division: z.enum(["closed", "open"]).optional(),
  version: z.coerce.number().int().min(1).max(1_000_000).optional(),
});

export async function GET(request: Request, { params }: RouteContext<"/api/v1/benchmarks/[slug]/compare">): Promise<Response> {
  const query = parseQuery(request, querySchema);
  if ("refusal" in query) return query.refusal;
  const { slug } = await params;
  const found = await separate(slug, query.data);
  return found ? Response.json(found) : notFound("benchmark with these two methods", `/api/v1/benchmarks/${slug}`);
}
