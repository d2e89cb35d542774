/** A momentum policy and its standings. */
import { z } from "zod";
import { policy } from "@/lib/server/policies/read";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { slugSchema } from "../../../parameters";
import { gone } from "../../../problem";
import { policySchema } from "../../../schemas/policies";

export const GET = endpoint(
  {
    summary: "A policy",
    detail: "Its document, where it comes from, and where it stands on every board.",
    tag: "policies",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    json: policySchema,
    answers: { 200: "The policy" },
    problems: { 404: "No policy of this name", 410: "It was removed; /log has the reason" },
  },
  async ({ params: { slug } }) => (await policy(slug)) ?? (await gone("policy", slug)),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
