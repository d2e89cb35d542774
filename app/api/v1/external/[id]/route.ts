/** A network that somebody trained with code of their own; its author takes it back. */
import { z } from "zod";
import { withdrawExternal } from "@/lib/server/external/publish";
import { findExternal } from "@/lib/server/external/read";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { gone, notFound } from "../../../problem";
import { publishedExternalSchema } from "../../../schemas/external";

const params = z.object({ id: z.uuid() });

export const GET = endpoint(
  {
    summary: "A network of somebody's own",
    detail: "Own training code, not repeated by the server.",
    tag: "external",
    access: "anyone",
    params,
    json: publishedExternalSchema,
    answers: { 200: "The record" },
    problems: { 404: "No record of this id", 410: "It was removed; /log has the reason" },
  },
  async ({ params: { id } }) => (await findExternal(id)) ?? (await gone("external", id)),
);

export const DELETE = endpoint(
  {
    summary: "Take back a network of your own",
    detail: "It leaves every list and page, for good; the log says that you took it back.",
    tag: "external",
    access: "owner",
    scope: "submit:runs",
    params,
    answers: { 204: "Taken back, or so already" },
    problems: { 404: "You have published no record of this id" },
  },
  async ({ caller, params: { id } }) =>
    (await withdrawExternal(id, caller.id))
      ? new Response(null, { status: 204 })
      : notFound("record of yours with this id", "/api/v1/external"),
);

export const { POST, PUT, PATCH, OPTIONS } = allowOnly("GET", "DELETE");
