/** The reference trajectories. */
import { z } from "zod";
import { listTrajectories } from "@/lib/server/scoring/public-trajectories";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { slugSchema } from "../../parameters";
import { trajectorySchema } from "../../schemas/data";

export const GET = endpoint(
  {
    summary: "The reference trajectories",
    detail:
      "Recorded training runs that policies are scored on. Of a held-out one only its number and a commitment are " +
      "told, until it is retired: see /docs/method#commitments.",
    tag: "data",
    access: "anyone",
    query: z.strictObject({ benchmark: slugSchema.optional() }),
    json: z.object({ trajectories: z.array(trajectorySchema) }),
    answers: { 200: "The trajectories, of one benchmark or of all" },
  },
  async ({ query }) => ({ trajectories: await listTrajectories(query) }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
