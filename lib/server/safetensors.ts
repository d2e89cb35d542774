/**
 * Safetensors files of bytes: an 8-byte header length, a JSON header, then the
 * tensors one after another. https://github.com/huggingface/safetensors
 */
import "server-only";

/**
 * A file with one `U8 [length]` tensor for each entry, in the entries' order.
 * @param metadata shown in the header; text only
 */
export function bytesToSafetensors(tensors: readonly (readonly [name: string, bytes: Uint8Array])[], metadata: Record<string, string>): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const [name, { length }] of tensors) header[name] = { dtype: "U8", shape: [length], data_offsets: [offset, (offset += length)] };
  // Spaces to a multiple of 8, so that the data is aligned.
  const json = Buffer.from(JSON.stringify(header));
  const padding = Buffer.alloc((8 - (json.length % 8)) % 8, " ");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding.length));
  return Buffer.concat([length, json, padding, ...tensors.map(([, bytes]) => bytes)]);
}
