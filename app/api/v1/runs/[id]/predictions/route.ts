/** The predictions that a run was published with: safetensors, one u8 tensor for each method. */
import { artifacts } from "@/lib/server/artifacts";
import { predictionsKey } from "@/lib/server/queries/runs";
import { notFound } from "../../../../problem";

export async function GET(_request: Request, { params }: RouteContext<"/api/v1/runs/[id]/predictions">): Promise<Response> {
  const { id } = await params;
  const key = await predictionsKey(id);
  const bytes = key && (await artifacts().get(key));
  if (!bytes) return notFound("file of predictions for this run", "/api/v1/runs");
  return new Response(new Uint8Array(bytes), {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="dmbench-${id}-predictions.safetensors"`,
      "cache-control": "public, max-age=31536000, immutable",
    },
  });
}
