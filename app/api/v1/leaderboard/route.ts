/** The board over all boards: the data of the page with the same address. */
import { z } from "zod";
import { orderOverBoards, overBoardsCsv, overBoardsViewSchema } from "@/lib/leaderboard";
import { overBoardsTable } from "@/lib/server/boards/over-boards";
import { sharedBriefly } from "../../caching";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { notFound } from "../../problem";
import { overBoardsSchema } from "../../schemas/over-boards";

export const GET = endpoint(
  {
    summary: "Methods over all boards",
    detail:
      "How far each method is from the best of every board that the server recomputed (its regret, a fraction of " +
      "accuracy), on average and at worst, and the interquartile mean of its accuracies. At most 200 methods: the " +
      "first of each board, built-in ones, then those on most boards with the least mean regret.",
    tag: "boards",
    access: "anyone",
    query: z.strictObject({ ...overBoardsViewSchema.shape, format: z.enum(["json", "csv"]).default("json") }),
    json: overBoardsSchema,
    media: ["text/csv"],
    cache: sharedBriefly,
    answers: { 200: "The methods in the order asked for" },
    problems: { 404: "No board of this name has a method of these variants" },
  },
  async ({ query: { format, ...view } }) => {
    const { boards, methods, of } = await overBoardsTable(view);
    const unknown = view.board.filter((name) => !boards.some(({ slug }) => slug === name));
    if (unknown.length > 0) return notFound(`board ${unknown.join(", ")} with such methods`, "/api/v1/benchmarks");
    const ordered = orderOverBoards(methods, view);
    if (format === "json") return { boards, methods: ordered.map(({ document: _, ...method }) => method), of };
    const slugs = boards.map(({ slug }) => slug);
    return new Response(overBoardsCsv(slugs, ordered), {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": 'attachment; filename="dmbench-over-boards.csv"',
        "cache-control": sharedBriefly,
        "x-content-type-options": "nosniff",
      },
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
