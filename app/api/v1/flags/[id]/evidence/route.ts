/** The flagged result as it was published, hidden or not. */
import { z } from "zod";
import { flagCase } from "@/lib/server/moderation/flags";
import { policy } from "@/lib/server/policies/read";
import { run } from "@/lib/server/runs/read";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { notFound } from "../../../../problem";
import { policySchema } from "../../../../schemas/policies";
import { runSchema } from "../../../../schemas/runs";

export const GET = endpoint(
  {
    summary: "The evidence of a flag",
    detail: "The run or policy it is about, as it was published, hidden or not.",
    tag: "moderation",
    access: "maintainer",
    scope: "moderate",
    params: z.object({ id: z.uuid() }),
    json: z.object({ run: runSchema.nullable(), policy: policySchema.nullable() }),
    answers: { 200: "One of the two; the other is null" },
    problems: { 404: "No flag of this id" },
  },
  async ({ params: { id } }) => {
    const flagged = await flagCase(id);
    if (!flagged) return notFound("flag of this id", "/api/v1/flags");
    const { kind, id: subjectId, url } = flagged.flag.subject;
    return kind === "run"
      ? { run: await run(subjectId, undefined, true), policy: null }
      : { run: null, policy: await policy(url.replace("/policies/", ""), undefined, true) };
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
