/** Flag a result; the queue of flags. */
import { z } from "zod";
import { flagPage } from "@/lib/server/moderation/flags";
import { flagRequestSchema, raiseFlag } from "@/lib/server/moderation/moderate";
import { created, endpoint, nextPage } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { afterSchema, nextSchema, takeSchema } from "../../parameters";
import { refused } from "../../problem";
import { flagSchema, flagStateSchema } from "../../schemas/moderation";

export const GET = endpoint(
  {
    summary: "Flags",
    detail: "Oldest first: the queue that maintainers work through.",
    tag: "moderation",
    access: "maintainer",
    scope: "moderate",
    query: z.strictObject({ state: flagStateSchema.optional(), take: takeSchema(100, 50), after: afterSchema }),
    json: z.object({ flags: z.array(flagSchema), next: nextSchema }),
    answers: { 200: "A page of flags" },
  },
  async ({ request, query }) => {
    const flags = await flagPage(query);
    return { flags, next: nextPage(request, flags.length === query.take ? flags.at(-1)!.id : undefined) };
  },
);

export const POST = endpoint(
  {
    summary: "Flag a result",
    detail: "With a reason. Maintainers and the author see it; the log says that there is one.",
    tag: "moderation",
    access: "user",
    scope: "flag",
    body: { schema: flagRequestSchema, limitBytes: 16 * 1024 },
    json: z.object({ id: z.string(), url: z.string() }),
    answers: { 201: "Stored, for a maintainer to look at" },
    problems: { 409: "You have an open flag on it already" },
  },
  async ({ caller, body }) => {
    const flag = await raiseFlag(body, caller.id);
    if ("refusal" in flag) return refused([flag.refusal]);
    return created({ id: flag.id, url: `/moderation/${flag.id}` }, `/api/v1/flags/${flag.id}`);
  },
);

export const { PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET", "POST");
