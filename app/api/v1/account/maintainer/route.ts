/** The role of a maintainer: claim it. */
import { claimMaintainer, maintainerClaimSchema } from "@/lib/server/people/maintainers";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { refused } from "../../../problem";

export const POST = endpoint(
  {
    summary: "Become a maintainer",
    detail:
      "For an account that the site's setting DMBENCH_MAINTAINERS names, with the one-time code that its start printed.",
    tag: "people",
    access: "user",
    scope: null,
    body: { schema: maintainerClaimSchema, limitBytes: 1024, secret: ["code"] },
    answers: { 204: "You are a maintainer" },
    limits: ["secret/user"],
  },
  async ({ caller, body }) => {
    const refusal = await claimMaintainer(caller, body);
    return refusal ? refused([refusal]) : new Response(null, { status: 204 });
  },
);

export const { GET, PUT, PATCH, DELETE, OPTIONS } = allowOnly("POST");
