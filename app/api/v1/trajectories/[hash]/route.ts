/** The file of a public trajectory, by its SHA-256: safetensors. */
import { z } from "zod";
import { trajectoryFile } from "@/lib/server/scoring/public-trajectories";
import { TrajectoryDamaged } from "@/lib/server/scoring/trajectories";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { damaged, notFound } from "../../../problem";

export const GET = endpoint(
  {
    summary: "The file of a public trajectory",
    detail: "Final weights and trace, as safetensors.",
    tag: "data",
    access: "anyone",
    params: z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/, "SHA-256 in lower-case hexadecimal") }),
    media: ["application/octet-stream"],
    answers: { 200: "The file" },
    problems: { 404: "No public trajectory of this hash", 503: "This site's copy is damaged" },
  },
  async ({ params: { hash } }) => {
    const bytes = await trajectoryFile(hash).catch((error: unknown) => {
      if (error instanceof TrajectoryDamaged) return error;
      throw error;
    });
    if (bytes instanceof TrajectoryDamaged) return damaged(bytes.message);
    if (!bytes) return notFound("public trajectory of this hash", "/api/v1/trajectories");
    return new Response(new Uint8Array(bytes), {
      headers: {
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="dmbench-${hash.slice(0, 12)}.safetensors"`,
        "cache-control": "public, max-age=31536000, immutable",
      },
    });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
