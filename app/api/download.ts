/** A stored file as a response: its bytes, or where they are. */
import { immutable } from "./caching";

/** 307 to the address of a file that never changes, which holds for longer than caches may keep this. */
export const elsewhere = (url: string): Response =>
  new Response(null, { status: 307, headers: { location: url, "cache-control": "public, max-age=300" } });

/** A file that never changes, to be saved under a name. */
export const attachment = (bytes: Uint8Array, filename: string): Response =>
  new Response(new Uint8Array(bytes), {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="${filename}"`,
      "cache-control": immutable,
    },
  });
