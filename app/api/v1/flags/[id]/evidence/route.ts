/** The flagged result as it was published, hidden or not. */
import { z } from "zod";
import { findExternal } from "@/lib/server/external/read";
import { flagCase } from "@/lib/server/moderation/flags";
import { policy } from "@/lib/server/policies/read";
import { run } from "@/lib/server/runs/read";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { notFound } from "../../../../problem";
import { publishedExternalSchema } from "../../../../schemas/external";
import { policySchema } from "../../../../schemas/policies";
import { runSchema } from "../../../../schemas/runs";

export const GET = endpoint(
  {
    summary: "The evidence of a flag",
    detail: "The run, policy or record it is about, as it was published, hidden or not.",
    tag: "moderation",
    access: "maintainer",
    scope: "moderate",
    params: z.object({ id: z.uuid() }),
    json: z.object({
      run: runSchema.nullable(),
      policy: policySchema.nullable(),
      external: publishedExternalSchema.nullable(),
    }),
    answers: { 200: "One of the three; the others are null" },
    problems: { 404: "No flag of this id" },
  },
  async ({ params: { id } }) => {
    const flagged = await flagCase(id);
    if (!flagged) return notFound("flag of this id", "/api/v1/flags");
    const { kind, id: subjectId, url } = flagged.flag.subject;
    return {
      run: kind === "run" ? await run(subjectId, undefined, true) : null,
      policy: kind === "policy" ? await policy(url.replace("/policies/", ""), undefined, true) : null,
      external: kind === "external" ? await findExternal(subjectId, undefined, true) : null,
    };
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
