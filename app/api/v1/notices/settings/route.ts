/** Which notices the caller wants. */
import { z } from "zod";
import { noticeKindNames } from "@/lib/leaderboard";
import { muteNotices } from "@/lib/server/notices/read";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { noticeKindSchema } from "../../../schemas/people";

export const POST = endpoint(
  {
    summary: "Choose your notices",
    detail: "Those of other kinds are not made from now on; what is there stays.",
    tag: "people",
    access: "user",
    scope: null,
    body: {
      schema: z.strictObject({ wanted: z.array(noticeKindSchema).max(noticeKindNames.length) }),
      limitBytes: 500,
    },
    answers: { 204: "Chosen" },
  },
  async ({ caller, body }) => {
    await muteNotices(
      caller.id,
      noticeKindNames.filter((kind) => !body.wanted.includes(kind)),
    );
    return new Response(null, { status: 204 });
  },
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = allowOnly("POST");
