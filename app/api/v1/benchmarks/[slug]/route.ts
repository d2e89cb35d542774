/** A benchmark's board. */
import { z } from "zod";
import { metricNames } from "@/lib/leaderboard";
import { board } from "@/lib/server/queries/board";
import { boardSchema, divisionSchema } from "../../../answers/board";
import { endpoint } from "../../../endpoint";
import { slugSchema, versionSchema } from "../../../parameters";
import { notFound } from "../../../problem";

export const GET = endpoint(
  {
    summary: "A benchmark's board",
    detail: "Every method of one division with mean, interval and rank band of each metric. Missing figures come last in either direction.",
    tag: "boards",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    query: z.strictObject({
      version: versionSchema.optional(),
      division: divisionSchema.optional(),
      sort: z.enum(metricNames).optional(),
      direction: z.enum(["asc", "desc"]).optional().describe("Absent: better first"),
      take: z.coerce.number().int().min(1).max(1000).optional(),
      points: z.enum(["true", "false"]).transform((value) => value === "true").optional().describe("Whether each seed's figures come with the rows"),
    }),
    json: boardSchema,
    answers: { 200: "The board" },
    problems: { 404: "No benchmark of this name and version" },
  },
  async ({ params, query }) => (await board(params.slug, query)) ?? notFound("benchmark of this name and version", "/api/v1/benchmarks"),
);
