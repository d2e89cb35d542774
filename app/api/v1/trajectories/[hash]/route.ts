/** The file of a public or retired trajectory, by its SHA-256: safetensors. */
import { z } from "zod";
import { trajectoryFile, trajectoryUrl } from "@/lib/server/scoring/public-trajectories";
import { TrajectoryDamaged, TrajectoryElsewhere } from "@/lib/server/scoring/trajectories";
import { attachment, elsewhere } from "../../../download";
import { endpoint } from "../../../endpoint";
import { allowOnly } from "../../../other-methods";
import { damaged, notFound } from "../../../problem";

export const GET = endpoint(
  {
    summary: "The file of a public or retired trajectory",
    detail: "Final weights and trace, as safetensors.",
    tag: "data",
    access: "anyone",
    params: z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/, "SHA-256 in lower-case hexadecimal") }),
    media: ["application/octet-stream"],
    answers: { 200: "The file", 307: "It is in the site's bucket, at the address in Location" },
    problems: { 404: "No public trajectory of this hash", 503: "This site's copy is damaged" },
  },
  async ({ params: { hash } }) => {
    try {
      const url = await trajectoryUrl(hash);
      if (url) return elsewhere(url);
      const bytes = await trajectoryFile(hash);
      if (bytes) return attachment(bytes, `dmbench-${hash.slice(0, 12)}.safetensors`);
      return notFound("public trajectory of this hash", "/api/v1/trajectories");
    } catch (error) {
      if (error instanceof TrajectoryDamaged || error instanceof TrajectoryElsewhere) return damaged(error.message);
      throw error;
    }
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
