/** The caller's password: change it. */
import { changePassword, passwordChangeSchema } from "@/lib/server/people/accounts";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { refused } from "../../../problem";

export const POST = endpoint(
  {
    summary: "Change your password",
    detail: "Ends all other sessions at once. Tokens stay valid: revoke those that you don't know.",
    tag: "people",
    access: "user",
    scope: null,
    body: { schema: passwordChangeSchema, limitBytes: 4096, secret: ["current", "password"] },
    answers: { 204: "Changed" },
    limits: ["secret/user"],
  },
  async ({ caller, body }) => {
    const refusal = await changePassword({ ...caller, sessionId: caller.sessionId! }, body);
    return refusal ? refused([refusal]) : new Response(null, { status: 204 });
  },
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = allowOnly("POST");
