/**
 * Gzip, read the same way in browsers, workers and Node, whose own readers differ: all of RFC 1952, with any number of
 * members, optional fields and checksums, and nothing after the last member. A header needs no checksum there, and a
 * damaged one may hide a member, so whoever must know has a hash of the file.
 */
import { Z_NO_FLUSH, Z_OK, Z_STREAM_END, ZStream, zlibInflate, zlibInflateInit2 } from "pako";
import { DatasetError } from "./errors";

/** Window bits of zlib for a gzip member: the largest window, and 16 for gzip alone. */
const GZIP = 15 + 16;

const CHUNK_BYTES = 2 ** 20;

/** More than any data set here: CIFAR's archives unpack to 184 MB. */
const LIMIT_BYTES = 2 ** 29;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The decompressed bytes; bytes that aren't gzip are returned as they are. Other work gets its turn every few megabytes.
 * @param file name for the error
 * @throws DatasetError if the stream is damaged, cut off or followed by something else, or if it unpacks to more than
 *   `limitBytes`
 */
export async function gunzip(
  file: string,
  bytes: Uint8Array,
  { limitBytes = LIMIT_BYTES }: { limitBytes?: number } = {},
): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  const fail = (expected: string, found: string): never => {
    throw new DatasetError({ field: file, expected, found });
  };
  const stream = new ZStream();
  stream.input = bytes;
  stream.avail_in = bytes.length;
  stream.output = new Uint8Array(CHUNK_BYTES);
  const chunks: Uint8Array[] = [];
  let total = 0;
  while (stream.avail_in > 0) {
    const from = stream.next_in;
    if (!isGzip(bytes.subarray(from)))
      fail(`nothing after the ${from} bytes of gzip`, `${stream.avail_in} bytes of something else`);
    zlibInflateInit2(stream, GZIP);
    for (let status: number = Z_OK; status !== Z_STREAM_END; ) {
      stream.next_out = 0;
      stream.avail_out = CHUNK_BYTES;
      status = zlibInflate(stream, Z_NO_FLUSH);
      total += stream.next_out;
      chunks.push(stream.output.slice(0, stream.next_out));
      if (total > limitBytes) fail(`at most ${limitBytes} bytes once unpacked`, "more");
      if (status !== Z_OK && status !== Z_STREAM_END)
        fail(
          "a whole gzip stream",
          `${bytes.length} bytes, ${stream.avail_in === 0 ? "cut off" : stream.msg || "damaged"}`,
        );
      if (chunks.length % 8 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  }
  return concatenate(chunks, total);
}

function concatenate(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const whole = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
