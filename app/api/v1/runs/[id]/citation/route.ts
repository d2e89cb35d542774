/** How to cite a run. */
import { z } from "zod";
import { citedRun } from "@/lib/leaderboard";
import { run } from "@/lib/server/runs/read";
import { citation, citationMedia, citationQuerySchema } from "../../../../citation";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { notFound } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "How to cite a run",
    tag: "runs",
    access: "anyone",
    params: z.object({ id: z.uuid() }),
    query: citationQuerySchema,
    media: citationMedia,
    answers: { 200: "BibTeX, or CITATION.cff" },
    problems: { 404: "No run of this id" },
  },
  async ({ request, params: { id }, query: { format } }) => {
    const cited = await run(id);
    if (!cited) return notFound("run of this id", "/api/v1/runs");
    const { benchmark, dataset, seed, user, createdAt, predictions } = cited;
    return citation(
      citedRun({
        id,
        title: `${benchmark?.title ?? dataset}, seed ${seed}`,
        user,
        createdAt,
        predictionsHash: predictions.sha256,
      }),
      format,
      request,
    );
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
