/** Published runs side by side. */
import { z } from "zod";
import { listed, mostCompared } from "@/lib/leaderboard";
import { compareRuns } from "@/lib/server/runs/compare";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { slugSchema } from "../../../parameters";
import { notFound } from "../../../problem";
import { runComparisonSchema } from "../../../schemas/comparison";

export const GET = endpoint(
  {
    summary: "Runs side by side",
    detail:
      "Two to four published runs under one policy: their manifests, curves, classes and layers, and McNemar's " +
      "test where they share a test split.",
    tag: "runs",
    access: "anyone",
    query: z.strictObject({
      runs: z
        .string()
        .transform(listed)
        .pipe(z.array(z.uuid()).min(2).max(mostCompared))
        .describe("Ids, two to four, joined by commas"),
      policy: slugSchema
        .optional()
        .describe("The policy to compare them under; absent: the shared one with the highest mean accuracy"),
    }),
    json: runComparisonSchema,
    answers: { 200: "The runs and what differs" },
    problems: { 404: "No such run" },
  },
  async ({ query }) => {
    const comparison = await compareRuns(query);
    return comparison.unknown.length === 0
      ? comparison
      : notFound(`run ${comparison.unknown.join(", ")}`, "/api/v1/runs");
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
