/** The dumps of this site. */
import { z } from "zod";
import { storedDumps } from "@/lib/server/dumps/read";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { dumpSchema } from "../../schemas/data";

export const GET = endpoint(
  {
    summary: "The dumps of this site",
    detail:
      "What the site publishes, as Parquet files, one dump for each day on which it wrote one: the newest first. " +
      "`dmbench import` fills another site with one. What is in them: /docs/running#dumps.",
    tag: "data",
    access: "anyone",
    json: z.object({ dumps: z.array(dumpSchema) }),
    answers: { 200: "The dumps; none if this site writes none" },
  },
  async () => ({ dumps: await storedDumps() }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
