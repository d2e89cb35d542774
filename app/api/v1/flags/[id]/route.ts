/** A flag, for the people involved. */
import { z } from "zod";
import { flagCase } from "@/lib/server/moderation/flags";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { notFound } from "../../../problem";
import { flagSchema } from "../../../schemas/moderation";

export const GET = endpoint(
  {
    summary: "A flag",
    detail: "For whoever raised it, the author of what it is about, and maintainers; for others there is none.",
    tag: "moderation",
    access: "owner",
    scope: "read",
    params: z.object({ id: z.uuid() }),
    json: flagSchema,
    answers: { 200: "The flag, with reply and decision" },
    problems: { 404: "No such flag that concerns you" },
  },
  async ({ caller, params: { id } }) => {
    const flagged = await flagCase(id);
    const concerned =
      flagged && (caller.role === "maintainer" || flagged.reporterId === caller.id || flagged.authorId === caller.id);
    return concerned ? flagged.flag : notFound("flag of this id that concerns you", "/settings");
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
