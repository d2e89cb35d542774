/** Gzip with the platform's DecompressionStream, in browsers, workers and Node. RFC 1952. */
import { DatasetError } from "./errors";

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The decompressed bytes; bytes that aren't gzip are returned as they are.
 * @param file name for the error
 * @throws DatasetError if the stream is damaged or truncated
 */
export async function gunzip(file: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  try {
    const unpacked = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    throw new DatasetError(
      { field: file, expected: "a whole gzip stream", found: `${bytes.length} bytes that can't be unpacked` },
      { cause },
    );
  }
}
