/** The predictions that a run was published with: safetensors, one u8 tensor for each method. */
import { z } from "zod";
import { artifacts, getIntact, urlSeconds } from "@/lib/server/artifacts";
import { predictionsOf } from "@/lib/server/runs/read";
import { attachment, elsewhere } from "../../../../download";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { damaged, gone } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "A run's predictions",
    detail: "The predicted class id of each test example, as safetensors: one u8 tensor for each method.",
    tag: "runs",
    access: "anyone",
    params: z.object({ id: z.uuid() }),
    media: ["application/octet-stream"],
    answers: { 200: "The file", 307: "It is in the site's bucket, at the address in Location" },
    problems: {
      404: "No run of this id",
      410: "It was removed; /log has the reason",
      503: "This site's copy is damaged",
    },
  },
  async ({ params: { id } }) => {
    const artifact = await predictionsOf(id);
    if (!artifact) return gone("run", id);
    const store = artifacts();
    const url = await store.urlOf(artifact.key, urlSeconds);
    if (url) return elsewhere(url);
    const bytes = await getIntact(store, artifact);
    return bytes
      ? attachment(bytes, `dmbench-${id}-predictions.safetensors`)
      : damaged(`The file with SHA-256 ${artifact.hash} is gone or has changed.`);
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
