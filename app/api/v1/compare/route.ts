/** Methods of a board side by side: the data of the page with the same address. */
import { z } from "zod";
import { listed, methodPattern, mostCompared } from "@/lib/leaderboard";
import { compareMethods } from "@/lib/server/boards/compare";
import { sharedBriefly } from "../../caching";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { slugSchema, versionSchema } from "../../parameters";
import { notFound } from "../../problem";
import { divisionSchema } from "../../schemas/board";
import { methodComparisonSchema } from "../../schemas/comparison";

const methodSchema = z.string().regex(methodPattern, "variant/policy slug, such as bn/dmbn");

export const GET = endpoint(
  {
    summary: "Can this benchmark separate these methods?",
    detail:
      "Two to four methods of a board: every pair's difference with its interval, simultaneous over all pairs of the " +
      "board, how many runs would tell it, McNemar's test on each run; figures, layers and classes of each.",
    tag: "boards",
    access: "anyone",
    query: z.strictObject({
      benchmark: slugSchema,
      methods: z
        .string()
        .transform(listed)
        .pipe(z.array(methodSchema).min(2).max(mostCompared))
        .describe("`variant/policy slug`, two to four, joined by commas"),
      division: divisionSchema.optional(),
      version: versionSchema.optional(),
    }),
    json: methodComparisonSchema,
    cache: sharedBriefly,
    answers: { 200: "What is known of the differences" },
    problems: { 404: "No such benchmark, or no such method on its board" },
  },
  async ({ query }) => {
    const comparison = await compareMethods(query);
    if (!comparison) return notFound("benchmark of this name and version", "/api/v1/benchmarks");
    return comparison.unknown.length === 0
      ? comparison
      : notFound(
          `method ${comparison.unknown.join(", ")} on this board`,
          `/api/v1/benchmarks/${query.benchmark}?division=${comparison.division}`,
        );
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
