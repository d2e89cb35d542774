/** A view of a board as a file. */
import { z } from "zod";
import type { ExportFormat } from "@/lib/leaderboard";
import { boardViewSchema, exportFormatNames, exportFormats } from "@/lib/leaderboard";
import { boardRows } from "@/lib/server/boards/read";
import { sharedBriefly } from "../../../../caching";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { slugSchema } from "../../../../parameters";
import { notFound, refused } from "../../../../problem";

/** The most rows in a file. A larger view is refused, so that a file always holds its whole view. */
const maxRows = 20_000;

export const GET = endpoint(
  {
    summary: "A board as a file",
    detail:
      "Exactly the view that the parameters describe, all its pages, in its order and with its columns: CSV, " +
      "JSON and Parquet with full figures (csv-excel starts with a byte order mark), Markdown and LaTeX as a paper prints them. " +
      "In the Open division the estimation shift is claimed by the browsers that trained.",
    tag: "boards",
    access: "anyone",
    params: z.object({ slug: slugSchema }),
    query: z.strictObject({
      ...boardViewSchema.omit({ density: true, chart: true, after: true, before: true }).shape,
      format: z.enum(exportFormatNames),
    }),
    media: [...new Set(Object.values(exportFormats).map(({ mediaType }) => mediaType.replace(/;.*/, "")))],
    answers: { 200: "The file" },
    problems: {
      404: "No benchmark of this name and version",
      422: `Something in the parameters is wrong, or the view holds more than ${maxRows} rows`,
    },
  },
  async ({ params: { slug }, query: { format, ...filters } }) => {
    const view = { ...filters, density: "comfortable" as const };
    const board = await boardRows(slug, view, { take: maxRows });
    if (!board) return notFound("benchmark of this name and version", "/api/v1/benchmarks");
    if (board.cut)
      return refused([
        {
          reason: "too-large",
          field: "",
          expected: `at most ${maxRows} rows`,
          found: "more",
          remedy: "Narrow the view by division, variant, kind, author or search, and export it in parts.",
        },
      ]);
    const { mediaType, extension, write }: ExportFormat = exportFormats[format];
    const { slug: name, version } = board.benchmark;
    return new Response(write({ benchmark: board.benchmark, view, rows: board.rows }), {
      headers: {
        "content-type": mediaType,
        "content-disposition": `attachment; filename="dmbench-${name}-v${version}-${view.division}.${extension}"`,
        "cache-control": sharedBriefly,
        "x-content-type-options": "nosniff",
      },
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
