/** The author's reply to a flag. */
import { z } from "zod";
import { flagCase } from "@/lib/server/moderation/flags";
import { replySchema, replyToFlag } from "@/lib/server/moderation/moderate";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { notFound } from "../../../../problem";

export const POST = endpoint(
  {
    summary: "Reply to a flag",
    detail:
      "By the author of what was flagged, before the decision or after it: a maintainer may decide anew. A later " +
      "reply takes the place of an earlier one; the log keeps both.",
    tag: "moderation",
    access: "owner",
    scope: "flag",
    params: z.object({ id: z.uuid() }),
    body: { schema: replySchema, limitBytes: 16 * 1024 },
    answers: { 204: "Kept" },
    problems: { 404: "No such flag on anything of yours" },
  },
  async ({ caller, params: { id }, body: { reply } }) => {
    const flagged = await flagCase(id);
    if (!flagged || flagged.authorId !== caller.id)
      return notFound("flag of this id on anything of yours", "/settings");
    await replyToFlag({ id, subject: flagged.flag.subject.kind, subjectId: flagged.flag.subject.id }, reply, caller.id);
    return new Response(null, { status: 204 });
  },
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = allowOnly("POST");
