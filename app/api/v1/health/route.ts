/** Whether this process lives, and what it runs: for supervisors, which start it again if it doesn't answer. */
import { z } from "zod";
import { DMBENCH_VERSION } from "@/lib/records";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";

export const dynamic = "force-dynamic";

export const GET = endpoint(
  {
    summary: "Health",
    detail: "200 as long as the process lives, whatever else is away. Whether it should get requests says `ready`.",
    tag: "data",
    access: "anyone",
    json: z.object({
      status: z.literal("alive"),
      version: z.string(),
      commit: z.string().nullable().describe("Of the source that was built; null if that is unknown"),
    }),
    answers: { 200: "The process lives" },
    cache: "no-store",
  },
  async () => ({
    status: "alive" as const,
    version: DMBENCH_VERSION,
    commit: process.env.DMBENCH_COMMIT || null, // written here by the build
  }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
