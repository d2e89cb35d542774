/** Background work, for a cron service: what an instance does that lives no longer than its requests. */
import { z } from "zod";
import { wholeNumberSchema } from "@/lib/records";
import { doDailyWork } from "@/lib/server/dumps/daily";
import { drainFor } from "@/lib/server/scoring/worker";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";

export const dynamic = "force-dynamic";

/** Called once a minute, one call ends before the next begins. */
const usualSeconds = 50;

export const GET = endpoint(
  {
    summary: "Do background work",
    detail:
      "Imports, refreshes stale boards and scores what is queued, until the time is up or nothing is left; no held-out " +
      "run is trained. Stores the dump of the day, if the site has dumps. May be called at any time, by several at once.",
    tag: "policies",
    access: "cron",
    query: z.strictObject({ seconds: wholeNumberSchema(1, 800).default(usualSeconds) }),
    json: z.object({ left: z.int().describe("Jobs; recordings don't count") }),
    answers: { 200: "How much is left" },
    cache: "no-store",
  },
  async ({ query: { seconds } }) => {
    await doDailyWork();
    return { left: await drainFor(seconds) };
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
