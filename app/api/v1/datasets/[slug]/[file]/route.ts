/**
 * A data set's file, checked, as its publisher made it. With `?version=` it
 * never changes, so browsers keep it for good.
 */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { DatasetError, DatasetUnavailableError } from "@/lib/datasets";
import { datasetFile } from "@/lib/server/datasets";
import { notFound, problem } from "../../../../problem";

export async function GET(request: Request, { params }: RouteContext<"/api/v1/datasets/[slug]/[file]">): Promise<Response> {
  const { slug, file: name } = await params;
  const version = new URL(request.url).searchParams.get("version");
  try {
    const found = await datasetFile(slug, name, request.signal);
    if (!found || (version !== null && version !== found.info.version)) return notFound("file of this data set and version", "/api/v1/datasets");
    const { info, file } = found;
    const etag = `"${slug}-${info.version}-${file.bytes}"`;
    const headers = {
      etag,
      "cache-control": version === null ? "public, no-cache" : "public, max-age=31536000, immutable",
      "content-type": file.gzipped ? "application/gzip" : "application/octet-stream",
    };
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers: { etag, "cache-control": headers["cache-control"] } });
    return new Response(Readable.toWeb(createReadStream(file.path)) as ReadableStream, { headers });
  } catch (error) {
    if (error instanceof DatasetUnavailableError) return problem({ status: 503, kind: "dataset-unavailable", title: "No copy of this data set", detail: error.message });
    if (!(error instanceof DatasetError)) throw error;
    const { file, expected, found, remedy } = error;
    return problem({ status: 503, kind: "dataset-damaged", title: "This site's copy is damaged", detail: error.message, errors: [{ field: file, expected, found, remedy }] });
  }
}
