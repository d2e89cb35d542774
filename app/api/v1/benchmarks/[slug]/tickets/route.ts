/** Tickets of a benchmark: the seeds that its board gives out. */
import { z } from "zod";
import { ticketDays } from "@/lib/leaderboard";
import { issueTicket } from "@/lib/server/tickets/issue";
import { created, endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { slugSchema } from "../../../../parameters";
import { notFound, refused } from "../../../../problem";
import { ticketSchema } from "../../../../schemas/runs";

export const POST = endpoint(
  {
    summary: "Ask a board for a seed",
    detail:
      "The seed that the board needs next, which nobody could choose, and a ticket to publish the run with: only such runs " +
      `rank. It is good for one run of each variant, for ${ticketDays} days. Tickets that no run reported are counted ` +
      "beside the board and the account. Whoever is signed in gets the open ticket again, unless `another` is asked for.",
    tag: "runs",
    access: "anyone",
    recognizesSession: true,
    params: z.object({ slug: slugSchema }),
    body: {
      schema: z.strictObject({
        another: z.boolean().default(false).describe("A new one, even if the account has an open one"),
      }),
      limitBytes: 200,
    },
    json: ticketSchema,
    answers: { 200: "The account's open ticket", 201: "A new ticket" },
    problems: { 404: "No benchmark of this name", 409: "The account holds too many unreported tickets" },
    limits: ["ticket/address"],
  },
  async ({ caller, params, body }) => {
    const issued = await issueTicket({ slug: params.slug, userId: caller?.id ?? null, another: body.another });
    if (!issued) return notFound("benchmark of this name", "/api/v1/benchmarks");
    if ("refusals" in issued) return refused(issued.refusals);
    const { ticket, created: fresh } = issued;
    return created(ticket, `/api/v1/benchmarks/${params.slug}`, fresh ? 201 : 200);
  },
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = allowOnly("POST");
