/** The predictions that a run was published with: safetensors, one u8 tensor for each method. */
import { z } from "zod";
import { artifacts, getIntact } from "@/lib/server/artifacts";
import { predictionsOf } from "@/lib/server/runs/read";
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
    answers: { 200: "The file" },
    problems: {
      404: "No run of this id",
      410: "It was removed; /log has the reason",
      503: "This site's copy is damaged",
    },
  },
  async ({ params: { id } }) => {
    const artifact = await predictionsOf(id);
    if (!artifact) return gone("run", id);
    const bytes = await getIntact(artifacts(), artifact);
    if (!bytes) return damaged(`The file with SHA-256 ${artifact.hash} is gone or has changed.`);
    return new Response(new Uint8Array(bytes), {
      headers: {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="dmbench-${id}-predictions.safetensors"`,
        "cache-control": "public, max-age=31536000, immutable",
      },
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
