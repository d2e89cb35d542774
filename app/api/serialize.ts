/**
 * A serialized response: its bytes with their ETag. Responses that are sent again and again are serialized once and
 * cached.
 */
import { createHash } from "node:crypto";

/** A text with its ETag. */
export class Tagged {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Weak: a proxy may compress the bytes. */
  readonly etag: string;

  constructor(text: string) {
    this.bytes = new TextEncoder().encode(text);
    this.etag = `W/"${createHash("sha256").update(this.bytes).digest("base64url").slice(0, 27)}"`;
  }
}

export class Serialized extends Tagged {
  constructor(json: unknown) {
    super(JSON.stringify(json));
  }
}

/** What was read, or 304 if the client has it cached. */
export function revalidated(
  request: Request,
  { bytes, etag }: Tagged,
  headers: Record<string, string> & { "cache-control": string },
): Response {
  const isCached = (request.headers.get("if-none-match") ?? "").split(",").some((tag) => tag.trim() === etag);
  return isCached
    ? new Response(null, { status: 304, headers: { etag, "cache-control": headers["cache-control"] } })
    : new Response(bytes, { headers: { ...headers, etag } });
}
