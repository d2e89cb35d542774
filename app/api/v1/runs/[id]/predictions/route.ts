/** The predictions that a run was published with: safetensors, one u8 tensor for each method. */
import { z } from "zod";
import { artifacts } from "@/lib/server/artifacts";
import { predictionsKey } from "@/lib/server/runs/read";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { gone } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "A run's predictions",
    detail: "The predicted class id of each test example, as safetensors: one u8 tensor for each method.",
    tag: "runs",
    access: "anyone",
    params: z.object({ id: z.uuid() }),
    media: ["application/octet-stream"],
    answers: { 200: "The file" },
    problems: { 404: "No run of this id", 410: "It was removed; /log has the reason" },
  },
  async ({ params: { id } }) => {
    const key = await predictionsKey(id);
    const bytes = key && (await artifacts().get(key));
    if (!bytes) return gone("run", id);
    return new Response(new Uint8Array(bytes), {
      headers: {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="dmbench-${id}-predictions.safetensors"`,
        "cache-control": "public, max-age=31536000, immutable",
      },
    });
  },
);

export const { POST, PUT, PATCH, DELETE } = allowOnly("GET");
