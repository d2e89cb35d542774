/** The caller's sessions: end them all. */
import { endSessions } from "@/lib/server/people/sessions";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";

export const DELETE = endpoint(
  {
    summary: "Sign out everywhere",
    detail: "Ends all your sessions, the one that asks too. Tokens stay valid: revoke those that you don't know.",
    tag: "people",
    access: "user",
    scope: null,
    answers: { 204: "All have ended" },
  },
  async ({ caller }) => {
    await endSessions(caller.id);
    return new Response(null, { status: 204 });
  },
);

export const { GET, POST, PUT, PATCH, OPTIONS } = allowOnly("DELETE");
