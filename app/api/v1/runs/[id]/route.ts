/** Everything that was published with a run. */
import { z } from "zod";
import { run } from "@/lib/server/runs/read";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { gone } from "../../../problem";
import { runSchema } from "../../../schemas/runs";

export const GET = endpoint(
  {
    summary: "A run",
    detail: "Everything that was published with it; the figures are the server's own.",
    tag: "runs",
    access: "anyone",
    params: z.object({ id: z.uuid() }),
    json: runSchema,
    answers: { 200: "The run" },
    problems: { 404: "No run of this id", 410: "It was removed; /log has the reason" },
  },
  async ({ params: { id } }) => (await run(id)) ?? (await gone("run", id)),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
