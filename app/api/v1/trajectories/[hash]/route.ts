/** The file of a public trajectory, by its SHA-256: safetensors. */
import { trajectoryFile } from "@/lib/server/queries/trajectories";
import { notFound } from "../../../problem";

export async function GET(_request: Request, { params }: RouteContext<"/api/v1/trajectories/[hash]">): Promise<Response> {
  const { hash } = await params;
  const bytes = await trajectoryFile(hash);
  if (!bytes) return notFound("public trajectory of this hash", "/api/v1/trajectories");
  return new Response(new Uint8Array(bytes), {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="dmbench-${hash.slice(0, 12)}.safetensors"`,
      "cache-control": "public, max-age=31536000, immutable",
    },
  });
}
