/** The data sets, and whether this site has a copy. */
import { z } from "zod";
import { listDatasets } from "@/lib/server/datasets";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { datasetSchema } from "../../schemas/data";

export const dynamic = "force-dynamic";

export const GET = endpoint(
  {
    summary: "The data sets",
    detail: "With their licences, and whether this site has a copy.",
    tag: "data",
    access: "anyone",
    json: z.object({ datasets: z.array(datasetSchema) }),
    answers: { 200: "The data sets" },
    cache: "no-store",
  },
  async () => ({ datasets: await listDatasets() }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
