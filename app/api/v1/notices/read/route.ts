/** Marks the caller's notices as read. */
import { z } from "zod";
import { markRead } from "@/lib/server/notices/read";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";

export const POST = endpoint(
  {
    summary: "Mark your notices as read",
    tag: "people",
    access: "user",
    scope: null,
    body: {
      schema: z.strictObject({ until: z.iso.datetime().describe("Those that came later stay new") }),
      limitBytes: 200,
    },
    answers: { 204: "Marked" },
  },
  async ({ caller, body }) => {
    await markRead(caller.id, new Date(body.until));
    return new Response(null, { status: 204 });
  },
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = allowOnly("POST");
