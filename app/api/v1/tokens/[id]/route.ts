/** Revoke a personal token. */
import { z } from "zod";
import { revokeToken } from "@/lib/server/people/tokens";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { notFound } from "../../../problem";

export const DELETE = endpoint(
  {
    summary: "Revoke a token",
    detail: "At once and for good.",
    tag: "people",
    access: "owner",
    scope: null,
    params: z.object({ id: z.uuid() }),
    answers: { 204: "Revoked" },
    problems: { 404: "You have no such token in force" },
  },
  async ({ caller, params: { id } }) =>
    (await revokeToken(caller.id, id))
      ? new Response(null, { status: 204 })
      : notFound("token of yours with this id", "/api/v1/tokens"),
);

export const { GET, POST, PUT, PATCH, OPTIONS } = allowOnly("DELETE");
