/** Encodes a small picture as PNG: 8 bits per channel, grey or RGB. PNG specification, W3C, third edition. */
import { crc32, deflateSync } from "node:zlib";

interface Picture {
  width: number;
  height: number;
  channels: 1 | 3;
  /** `[height, width, channels]`, 0 … 255. */
  pixels: Uint8Array;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * The PNG file of a picture.
 * @throws RangeError if the number of pixels doesn't match the size
 */
export function encodePng({ width, height, channels, pixels }: Picture): Uint8Array<ArrayBuffer> {
  const lineBytes = width * channels;
  if (pixels.length !== height * lineBytes)
    throw new RangeError(
      `expected ${height * lineBytes} values for ${width} × ${height} × ${channels}, found ${pixels.length}`,
    );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 0, 0, 0, 0], 8); // depth, colour, compression, filter, interlace
  const filtered = Buffer.alloc(height * (lineBytes + 1)); // each line begins with its filter: none
  for (let row = 0; row < height; row++)
    filtered.set(pixels.subarray(row * lineBytes, (row + 1) * lineBytes), row * (lineBytes + 1) + 1);
  return new Uint8Array(
    Buffer.concat([
      signature,
      chunk("IHDR", header),
      chunk("IDAT", deflateSync(filtered)),
      chunk("IEND", Buffer.alloc(0)),
    ]),
  );
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), 4 + body.length);
  return framed;
}
