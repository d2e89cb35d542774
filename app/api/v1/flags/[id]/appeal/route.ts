/** The author's appeal against a decision. */
import { z } from "zod";
import { flagCase } from "@/lib/server/moderation/flags";
import { appealFlag, appealSchema } from "@/lib/server/moderation/moderate";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { notFound, refused } from "../../../../problem";

export const POST = endpoint(
  {
    summary: "Appeal against a decision",
    detail: "By the author of what was hidden, once; another maintainer than the one who decided it decides.",
    tag: "moderation",
    access: "owner",
    scope: "flag",
    params: z.object({ id: z.uuid() }),
    body: { schema: appealSchema, limitBytes: 16 * 1024 },
    answers: { 204: "Kept" },
    problems: { 404: "No such flag on anything of yours", 409: "It is not upheld, or was appealed before" },
  },
  async ({ caller, params: { id }, body: { appeal } }) => {
    const flagged = await flagCase(id);
    if (!flagged || flagged.authorId !== caller.id)
      return notFound("flag of this id on anything of yours", "/settings");
    const { subject, state } = flagged.flag;
    if (await appealFlag({ id, subject: subject.kind, subjectId: subject.id }, appeal, caller.id))
      return new Response(null, { status: 204 });
    return refused([
      {
        reason: "not-appealable",
        field: "",
        expected: "a flag that was upheld, and not appealed before",
        found: state === "upheld" ? "one that was appealed" : `one that is ${state}`,
        remedy: state === "upheld" ? "Wait for the other maintainer." : "Reply to it instead.",
      },
    ]);
  },
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = allowOnly("POST");
