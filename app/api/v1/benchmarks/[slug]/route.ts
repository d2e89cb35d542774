/** A benchmark's board. */
import { z } from "zod";
import { boardViewSchema } from "@/lib/leaderboard";
import type { ShownBoard } from "@/lib/server/boards/page";
import { boardPage } from "@/lib/server/boards/page";
import { boardSchema } from "../../../answers/board";
import { endpoint, nextPage } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { slugSchema, takeSchema } from "../../../parameters";
import { notFound } from "../../../problem";

export const GET = endpoint(
  {
    summary: "A benchmark's board",
    detail:
      "Methods of one division with mean, interval and rank band of each metric, narrowed and ordered by the parameters of the board's own page. Missing figures come last in either direction.",
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
    answers: { 200: "A page of the board" },
    problems: { 404: "No benchmark of this name and version" },
  },
  async ({ request, params, query: { take, points = false, ...view } }) => {
    const page = await boardPage(params.slug, { ...view, density: "comfortable" }, { take, points });
    if (!page) return notFound("benchmark of this name and version", "/api/v1/benchmarks");
    const before = told.get(page);
    if (before) return before;
    const { benchmark, found, of } = page;
    const answer: z.output<typeof boardSchema> = {
      benchmark,
      rows: page.rows.map(published),
      pinned: page.pinned.map(published),
      found,
      of,
      next: nextPage(request, page.next ?? undefined),
    };
    told.set(page, answer);
    return answer;
  },
);

/** What was made of a page that is asked for again. */
const told = new WeakMap<ShownBoard, z.output<typeof boardSchema>>();

const published = ({ document: _, ...row }: { document: unknown } & z.output<typeof boardSchema>["rows"][number]) =>
  row;

export const { POST, PUT, PATCH, DELETE } = allowOnly("GET");
