/** A verified file of a data set. With `?version=` it never changes, so browsers cache it for good. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { z } from "zod";
import { DatasetError, DatasetUnavailableError } from "@/lib/datasets";
import { textSchema } from "@/lib/records";
import { datasetFile } from "@/lib/server/datasets";
import { immutable } from "../../../../caching";
import { elsewhere } from "../../../../download";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { slugSchema } from "../../../../parameters";
import { notFound, problem } from "../../../../problem";

export const GET = endpoint(
  {
    summary: "A file of a data set",
    detail: "Checked, as its publisher made it. With `version` it never changes.",
    tag: "data",
    access: "anyone",
    params: z.object({ slug: slugSchema, file: textSchema({ max: 128 }) }),
    query: z.strictObject({ version: textSchema({ max: 64 }).optional() }),
    media: ["application/gzip", "application/octet-stream"],
    answers: {
      200: "The file",
      304: "Nothing has changed since the answer whose ETag was sent as If-None-Match",
      307: "It is in the site's bucket, at the address in Location",
    },
    problems: {
      404: "No such file of this data set and version",
      503: "No copy here, or a damaged one; the detail says how to get one",
    },
  },
  async ({ request, params: { slug, file: name }, query: { version } }) => {
    try {
      const found = await datasetFile(slug, name, request.signal);
      if (!found || (version !== undefined && version !== found.info.version))
        return notFound("file of this data set and version", "/api/v1/datasets");
      const { info, file, url } = found;
      if (url) return elsewhere(url);
      const etag = `"${slug}-${info.version}-${file.bytes}"`;
      const headers = {
        etag,
        "cache-control": version === undefined ? "public, no-cache" : immutable,
        "content-type": file.gzipped ? "application/gzip" : "application/octet-stream",
      };
      if (request.headers.get("if-none-match") === etag)
        return new Response(null, { status: 304, headers: { etag, "cache-control": headers["cache-control"] } });
      return new Response(Readable.toWeb(createReadStream(file.path)) as ReadableStream, { headers });
    } catch (error) {
      if (error instanceof DatasetUnavailableError)
        return problem({
          status: 503,
          kind: "dataset-unavailable",
          title: "No copy of this data set",
          detail: error.message,
        });
      if (!(error instanceof DatasetError)) throw error;
      return problem({
        status: 503,
        kind: "dataset-damaged",
        title: "This site's copy is damaged",
        detail: error.message,
        errors: [error.issue],
      });
    }
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET");
