/** The momentum policies: list, submit. */
import { after } from "next/server";
import { z } from "zod";
import { database } from "@/lib/server/database/client";
import { scoringMode } from "@/lib/server/env";
import { policyPage } from "@/lib/server/policies/read";
import { drainFor, scanMs, siteScorers, worker } from "@/lib/server/scoring/worker";
import { endpoint, nextPage } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { afterSchema, nextSchema, takeSchema } from "../../parameters";
import { policySummarySchema } from "../../schemas/policies";
import { submit } from "./submit";

export const dynamic = "force-dynamic";

export const GET = endpoint(
  {
    summary: "Policies",
    detail: "The built-in ones in their own order on the first page, then those of users, newest first.",
    tag: "policies",
    access: "anyone",
    query: z.strictObject({ take: takeSchema(200, 100), after: afterSchema }),
    json: z.object({ policies: z.array(policySummarySchema), next: nextSchema }),
    shared: true,
    answers: { 200: "A page of policies" },
  },
  async ({ request, query }) => {
    const { policies, last } = await policyPage(query);
    return { policies, next: nextPage(request, last) };
  },
);

export const POST = submit(() => ({ db: database(), scorer: siteScorers().prompt, wake }));

/** Makes this process work on the queue; a function lives no longer than `after` lets it. */
function wake(): void {
  if (scoringMode() === "inline") {
    const work = drainFor(20, { scanEveryMs: scanMs }).catch((error: unknown) => console.error("Scoring:", error)); // the cron service tries again
    after(() => work);
  } else for (const lane of ["prompt", "background"] as const) void worker().work(lane);
}

export const { PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET", "POST");
