/**
 * A serialized response: its bytes with their ETag. Responses that are sent again and again are serialized once and
 * cached.
 */
import { createHash } from "node:crypto";

export class Serialized {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Weak: a proxy may compress the bytes. */
  readonly etag: string;

  constructor(json: unknown) {
    this.bytes = new TextEncoder().encode(JSON.stringify(json));
    this.etag = `W/"${createHash("sha256").update(this.bytes).digest("base64url").slice(0, 27)}"`;
  }
}
