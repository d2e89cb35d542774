/** A file of a dump: its manifest, or the Parquet file of a table. */
import { z } from "zod";
import { dumpFile } from "@/lib/server/dumps/read";
import { immutable } from "../../../../caching";
import { attachment, elsewhere } from "../../../../download";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { damaged, notFound } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "A file of a dump",
    detail: "`manifest.json`, which lists the others with their SHA-256, or the Parquet file of a table.",
    tag: "data",
    access: "anyone",
    params: z.object({ date: z.iso.date(), file: z.string().regex(/^(manifest\.json|[a-z_]{1,63}\.parquet)$/) }),
    media: ["application/json", "application/octet-stream"],
    answers: { 200: "The file, which never changes", 307: "It is in the site's bucket, at the address in Location" },
    problems: { 404: "No such dump, or no such file in it", 503: "This site's copy is damaged" },
  },
  async ({ params: { date, file } }) => {
    const found = await dumpFile({ date, name: file });
    if (found === null) return notFound("such file of a dump", "/api/v1/dumps");
    if (found === "lost") return damaged(`${file} of ${date} is missing, or not what was stored.`);
    if ("url" in found) return elsewhere(found.url);
    return file.endsWith(".json")
      ? new Response(new Uint8Array(found.bytes), {
          headers: { "content-type": "application/json", "cache-control": immutable },
        })
      : attachment(found.bytes, file);
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
