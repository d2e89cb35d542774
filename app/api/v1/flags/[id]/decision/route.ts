/** A maintainer's decision on a flag. */
import { z } from "zod";
import { flagCase } from "@/lib/server/moderation/flags";
import { decideFlag, decisionSchema, OwnDecision } from "@/lib/server/moderation/moderate";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { forbidden, notFound } from "../../../../problem";

export const POST = endpoint(
  {
    summary: "Decide a flag",
    detail:
      "Upheld hides what it is about, dismissed shows it again; with reasons, in the log. A flag may be decided " +
      "anew, after the author's reply. An appeal is decided by another maintainer than the one who decided before.",
    tag: "moderation",
    access: "maintainer",
    scope: "moderate",
    params: z.object({ id: z.uuid() }),
    body: { schema: decisionSchema, limitBytes: 16 * 1024 },
    answers: { 204: "Decided" },
    problems: { 404: "No flag of this id" },
  },
  async ({ caller, params: { id }, body }) => {
    const flagged = await flagCase(id);
    if (!flagged) return notFound("flag of this id", "/api/v1/flags");
    if (flagged.authorId === caller.id) return forbidden("own-work", "Another maintainer decides on what is yours.");
    try {
      await decideFlag(id, body, caller.id);
    } catch (error) {
      if (error instanceof OwnDecision) return forbidden("own-decision", error.message);
      throw error;
    }
    return new Response(null, { status: 204 });
  },
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = allowOnly("POST");
