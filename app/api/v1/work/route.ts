/** Background work, for a cron service: what an instance does that lives no longer than its requests. */
import { z } from "zod";
import { wholeNumberSchema } from "@/lib/records";
import { scoringMode } from "@/lib/server/env";
import { scoringQueue } from "@/lib/server/scoring/state";
import { worker } from "@/lib/server/scoring/worker";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";

export const dynamic = "force-dynamic";

/** Vercel's limit of a function that a plan without a price has, less what an answer takes. */
const usualSeconds = 50;

export const GET = endpoint(
  {
    summary: "Do background work",
    detail:
      "Imports, refreshes stale boards and scores what is queued, until the time is up or nothing is left; no held-out " +
      "run is trained. May be called at any time, by several at once.",
    tag: "policies",
    access: "cron",
    query: z.strictObject({ seconds: wholeNumberSchema(1, 800).default(usualSeconds) }),
    json: z.object({ waiting: z.int(), running: z.int() }),
    answers: { 200: "What is left" },
    cache: "no-store",
  },
  async ({ query: { seconds } }) => {
    // Where other instances score, this one only looks after the boards.
    const until = scoringMode() === "none" ? 0 : Date.now() + 1000 * seconds;
    await worker().drain({ until, record: false });
    const { waiting, running } = await scoringQueue();
    return { waiting, running };
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
