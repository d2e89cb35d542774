/** A benchmark's board. */
import { z } from "zod";
import { boardViewSchema } from "@/lib/leaderboard";
import { findBoard } from "@/lib/server/boards/benchmarks";
import { cached } from "@/lib/server/boards/cache";
import { pageOf } from "@/lib/server/boards/read";
import { sharedBriefly } from "../../../caching";
import { endpoint, nextPage } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { slugSchema, takeSchema } from "../../../parameters";
import { notFound } from "../../../problem";
import { boardSchema } from "../../../schemas/board";
import { Serialized } from "../../../serialize";

export const GET = endpoint(
  {
    summary: "A benchmark's board",
    detail:
      "Methods of one division with mean and interval of each metric and the ranks that each may hold, narrowed and ordered by the " +
      "parameters of the board's own page. Missing figures come last in either direction.",
    tag: "boards",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    query: z.strictObject({
      ...boardViewSchema.omit({ columns: true, density: true, chart: true, before: true }).shape,
      take: takeSchema(1000, 100),
      points: z
        .enum(["true", "false"])
        .transform((value) => value === "true")
        .optional()
        .describe("Whether each seed's figures come with the rows"),
    }),
    json: boardSchema,
    cache: sharedBriefly,
    answers: { 200: "A page of the board" },
    problems: { 404: "No benchmark of this name and version" },
  },
  async ({ request, params, query: { take, points = false, ...view } }) => {
    const board = await findBoard(params.slug, view);
    if (!board) return notFound("benchmark of this name and version", "/api/v1/benchmarks");
    const { pathname, search } = new URL(request.url);
    return cached(board.revision, `answer ${pathname}${search}`, async () => {
      const { benchmark, rows, pinned, found, of, resolution, next } = await pageOf(board, view, { take, points });
      const answer: z.output<typeof boardSchema> = {
        benchmark,
        rows: rows.map(published),
        pinned: pinned.map(published),
        found,
        of,
        resolution,
        next: nextPage(request, next ?? undefined),
      };
      return new Serialized(answer);
    });
  },
);

const published = ({ document: _, ...row }: { document: unknown } & z.output<typeof boardSchema>["rows"][number]) =>
  row;

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
