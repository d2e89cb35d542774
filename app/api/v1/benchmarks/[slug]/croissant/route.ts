/** A board, described for data set searches and loaders. */
import { z } from "zod";
import { boardCroissant } from "@/lib/leaderboard";
import { findBenchmark, lastChange } from "@/lib/server/boards/benchmarks";
import { siteOrigin } from "@/lib/server/site-origin";
import { croissantMedia, croissantResponse } from "../../../../croissant";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { slugSchema, versionSchema } from "../../../../parameters";
import { notFound } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "A board as Croissant",
    detail: "JSON-LD of Croissant 1.1: the board’s files, its columns, its licence and how to cite it.",
    tag: "boards",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    query: z.strictObject({ version: versionSchema.optional() }),
    media: [croissantMedia],
    answers: { 200: "The description" },
    problems: { 404: "No benchmark of this name and version" },
  },
  async ({ request, params: { slug }, query: { version } }) => {
    const benchmark = await findBenchmark(slug, version);
    if (!benchmark) return notFound("benchmark of this name and version", "/api/v1/benchmarks");
    const asOf = await lastChange(benchmark.id);
    return croissantResponse(boardCroissant({ ...benchmark, asOf }, siteOrigin(request.headers)));
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
