/** Whether a benchmark can separate two methods of its board. */
import { z } from "zod";
import { separate } from "@/lib/server/queries/separate";
import { divisionSchema, separationSchema } from "../../../../answers/board";
import { endpoint } from "../../../../endpoint";
import { slugSchema, versionSchema } from "../../../../parameters";
import { notFound } from "../../../../problem";

const methodSchema = z.string().regex(/^[a-z0-9-]{1,16}\/[^/]{1,64}$/, "variant/policy slug, such as bn/dmbn");

export const GET = endpoint(
  {
    summary: "Can this benchmark separate two methods?",
    detail: "Their paired difference over shared seeds with its interval, McNemar's test on each held-out run, and how many seeds would settle it.",
    tag: "boards",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    query: z.strictObject({ a: methodSchema, b: methodSchema, division: divisionSchema.optional(), version: versionSchema.optional() }),
    json: separationSchema,
    answers: { 200: "What is known of the difference" },
    problems: { 404: "No such benchmark, or no such method on its board" },
  },
  async ({ params: { slug }, query }) => (await separate(slug, query)) ?? notFound("benchmark with these two methods", `/api/v1/benchmarks/${slug}`),
);
