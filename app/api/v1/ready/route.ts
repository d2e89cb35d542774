/** Whether this process should get requests: for load balancers and whoever waits for a start. */
import { z } from "zod";
import { formatIssue } from "@/lib/records";
import { readiness } from "@/lib/server/readiness";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { problem } from "../../problem";

export const dynamic = "force-dynamic";

export const GET = endpoint(
  {
    summary: "Readiness",
    detail:
      "200 if the process can do all that the site does: its database answers and has the tables of this version, its " +
      "files can be read and written, policies can be scored. Else 503, with an error for each of these that is not so. " +
      "The answer is at most a second old.",
    tag: "data",
    access: "anyone",
    json: z.object({ status: z.literal("ready") }),
    answers: { 200: "Ready" },
    problems: { 503: "It is stopping, or lacks its database, migrations, files or the program that scores" },
    cache: "no-store",
  },
  async () => {
    const errors = (await readiness()).map(({ need, ...issue }) => ({ field: need, ...issue }));
    if (errors.length === 0) return { status: "ready" as const };
    return problem({
      status: 503,
      kind: "not-ready",
      title: "Not ready",
      detail: errors.map(formatIssue).join(" "),
      errors,
      headers: { "retry-after": "5" },
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
