/** The state of the scoring queue. Reading it also makes this process work on the queue. */
import { scoringQueue } from "@/lib/server/scoring/state";
import { worker } from "@/lib/server/scoring/worker";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { scoringQueueSchema } from "../../schemas/policies";

export const dynamic = "force-dynamic";

export const GET = endpoint(
  {
    summary: "The work of scoring",
    detail: "What is in line, what went wrong, which recordings are refused.",
    tag: "policies",
    access: "anyone",
    json: scoringQueueSchema,
    answers: { 200: "The line" },
    cache: "no-store",
  },
  async () => {
    const refused = [...worker().refused()];
    return { ...(await scoringQueue()), refused };
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
