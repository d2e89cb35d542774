/** A benchmark's board. */
import { z } from "zod";
import { metricNames } from "@/lib/leaderboard";
import { board } from "@/lib/server/queries/board";
import { notFound } from "../../../problem";
import { parseQuery } from "../../../query";

const querySchema = z.strictObject({
  version: z.coerce.number().int().min(1).max(1_000_000).optional(),
  division: z.enum(["closed", "open"]).optional(),
  sort: z.enum(metricNames).optional(),
  direction: z.enum(["asc", "desc"]).optional(),
  take: z.coerce.number().int().min(1).max(1000).optional(),
  /** Whether each seed's figures come with the rows. */
  points: z.enum(["true", "false"]).transform((value) => value === "true").optional(),
});

export async function GET(request: Request, { params }: RouteContext<"/api/v1/benchmarks/[slug]">): Promise<Response> {
  const query = parseQuery(request, querySchema);
  if ("refusal" in query) return query.refusal;
  const found = await board((await params).slug, query.data);
  return found ? Response.json(found) : notFound("benchmark of this name and version", "/api/v1/benchmarks");
}
