/** How to cite a policy. */
import { z } from "zod";
import { citedPolicy } from "@/lib/leaderboard";
import { policy } from "@/lib/server/policies/read";
import { citation, citationMedia, citationQuerySchema } from "../../../../citation";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { slugSchema } from "../../../../parameters";
import { notFound } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "How to cite a policy",
    tag: "policies",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    query: citationQuerySchema,
    media: citationMedia,
    answers: { 200: "BibTeX, or CITATION.cff" },
    problems: { 404: "No policy of this name" },
  },
  async ({ request, params: { slug }, query: { format } }) => {
    const cited = await policy(slug);
    return cited ? citation(citedPolicy(cited), format, request) : notFound("policy of this name", "/api/v1/policies");
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
