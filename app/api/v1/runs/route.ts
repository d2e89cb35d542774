/** Published runs: publish one, list the newest. */
import { after } from "next/server";
import { z } from "zod";
import { artifacts } from "@/lib/server/artifacts";
import { database } from "@/lib/server/database/client";
import { testData } from "@/lib/server/datasets";
import { recentRuns } from "@/lib/server/runs/read";
import { worker } from "@/lib/server/scoring/worker";
import { endpoint, nextPage } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { afterSchema, nextSchema, takeSchema, userNameSchema } from "../../parameters";
import { runSummarySchema } from "../../schemas/runs";
import { publishRun } from "./publish-run";

export const POST = publishRun(() => ({
  db: database(),
  store: artifacts(),
  testData,
  finish: (work) => after(() => work),
  wake: () => void worker().work("background"),
}));

export const GET = endpoint(
  {
    summary: "Runs",
    detail: "Published runs, newest first.",
    tag: "runs",
    access: "anyone",
    query: z.strictObject({ take: takeSchema(100, 20), after: afterSchema, user: userNameSchema.optional() }),
    json: z.object({ runs: z.array(runSummarySchema), next: nextSchema }),
    shared: true,
    answers: { 200: "A page of runs" },
  },
  async ({ request, query }) => {
    const runs = await recentRuns(query);
    return { runs, next: nextPage(request, runs.length === query.take ? runs.at(-1)!.id : undefined) };
  },
);

export const { PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET", "POST");
