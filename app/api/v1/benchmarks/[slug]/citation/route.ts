/** How to cite a board. */
import { z } from "zod";
import { citedBoard } from "@/lib/leaderboard";
import { findBenchmark, lastChange } from "@/lib/server/boards/benchmarks";
import { citation, citationMedia, citationQuerySchema } from "../../../../citation";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { slugSchema, versionSchema } from "../../../../parameters";
import { notFound } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "How to cite a board",
    tag: "boards",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    query: citationQuerySchema.extend({ version: versionSchema.optional() }),
    media: citationMedia,
    answers: { 200: "BibTeX, or CITATION.cff" },
    problems: { 404: "No benchmark of this name and version" },
  },
  async ({ request, params: { slug }, query: { format, version } }) => {
    const benchmark = await findBenchmark(slug, version);
    if (!benchmark) return notFound("benchmark of this name and version", "/api/v1/benchmarks");
    return citation(citedBoard({ ...benchmark, asOf: await lastChange(benchmark.id) }), format, request);
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
