/**
 * Safetensors files: an 8-byte header length, a JSON header that gives each tensor's type, shape and offsets, then the
 * tensors one after another. https://github.com/huggingface/safetensors, format description.
 */
import { z } from "zod";
import { describeValue } from "./issue";
import { JsonError, parseJson } from "./json";

/** Values of one tensor, row by row; the array's type is the file's `dtype`. */
export type TensorValues = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface NamedTensor {
  name: string;
  shape: readonly number[];
  values: TensorValues;
}

export interface SafetensorsFile {
  /** In the order of their bytes. */
  tensors: NamedTensor[];
  metadata: Record<string, string>;
}

export interface DecodeLimits {
  /** Largest JSON header in bytes. Default: 1 MiB. */
  headerBytes?: number;
  /** Default: 10,000. */
  tensors?: number;
}

/** A malformed file; the message names the tensor and what was expected. */
export class SafetensorsError extends Error {
  override name = "SafetensorsError";
}

const arrays = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array } as const;
type Dtype = keyof typeof arrays;

const METADATA = "__metadata__";

/**
 * The bytes of a file with `tensors`, in the order given.
 * @param metadata shown in the header; text only
 * @throws RangeError for a name that is empty or used twice, and for a shape that doesn't match its values
 */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  // No prototype, so that __proto__ is a name like any other.
  const header: Record<string, unknown> = Object.assign(Object.create(null), { [METADATA]: metadata });
  let size = 0;
  for (const { name, shape, values } of tensors) {
    if (name === "" || Object.hasOwn(header, name))
      throw new RangeError(
        `tensor name: expected one that is not empty, not ${METADATA} and used once, found ${JSON.stringify(name)}`,
      );
    if (sizeOf(shape) !== values.length)
      throw new RangeError(
        `tensor ${name}: expected ${sizeOf(shape)} values of shape [${shape.join(", ")}], found ${values.length}`,
      );
    const end = size + values.byteLength;
    header[name] = { dtype: dtypeOf(values), shape, data_offsets: [size, end] };
    size = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8; // so that the data is aligned
  const file = new Uint8Array(8 + headerLength + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength);
  file.set(json, 8);
  let offset = 8 + headerLength;
  for (const { values } of tensors) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  return file;
}

const tensorHeaderSchema = z.strictObject({
  dtype: z.enum(Object.keys(arrays) as [Dtype, ...Dtype[]]),
  shape: z.array(z.int().min(0)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/**
 * The tensors and metadata of a file, validated: the header is no larger than allowed and names each tensor once, every
 * tensor has as many bytes as its shape needs, and together they cover the file without gaps or overlaps.
 * @throws SafetensorsError
 */
export function decodeSafetensors(
  file: Uint8Array,
  { headerBytes = 2 ** 20, tensors: mostTensors = 10_000 }: DecodeLimits = {},
): SafetensorsFile {
  const { header, data } = split(file, headerBytes);
  const entries = Object.entries(header).filter(([name]) => name !== METADATA);
  if (entries.length > mostTensors)
    throw new SafetensorsError(`header: expected at most ${mostTensors} tensors, found ${entries.length}`);
  const metadata = Object.hasOwn(header, METADATA) ? textsOf(header[METADATA]) : {};
  const described = entries
    .map(([name, entry]) => ({ name: nameOf(name), ...parse(tensorHeaderSchema, entry, `tensor ${name}`) }))
    .sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  let end = 0;
  const tensors = described.map(({ name, dtype, shape, data_offsets: [from, to] }): NamedTensor => {
    const bytes = sizeOf(shape) * arrays[dtype].BYTES_PER_ELEMENT;
    if (from !== end)
      throw new SafetensorsError(
        `tensor ${name}: expected its bytes from ${end}, where the one before ends, found ${from}`,
      );
    if (to - from !== bytes)
      throw new SafetensorsError(
        `tensor ${name}: expected ${bytes} bytes of ${dtype} [${shape.join(", ")}], found ${to - from}`,
      );
    if (to > data.length)
      throw new SafetensorsError(
        `tensor ${name}: expected ${to} bytes after the header, found ${data.length}: the file is cut off`,
      );
    end = to;
    // A copy, since values may be unaligned in the file. Not by `slice`, which on Node's Buffer doesn't copy.
    return { name, shape, values: new arrays[dtype](new Uint8Array(data.subarray(from, to)).buffer) };
  });
  if (end !== data.length)
    throw new SafetensorsError(`file: expected ${end} bytes after the header, found ${data.length}`);
  return { tensors, metadata };
}

/** The header, and the bytes after it. */
function split(file: Uint8Array, headerBytes: number): { header: Record<string, unknown>; data: Uint8Array } {
  if (file.length < 8) throw new SafetensorsError(`file: expected at least 8 bytes, found ${file.length}`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > BigInt(headerBytes))
    throw new SafetensorsError(
      `header: expected at most ${headerBytes} bytes, found ${length}: too large, or not a safetensors file`,
    );
  const start = 8 + Number(length);
  if (start > file.length)
    throw new SafetensorsError(`header: expected ${length} bytes, found ${file.length - 8}: the file is cut off`);
  if (file[8] !== "{".charCodeAt(0))
    throw new SafetensorsError("header: expected a JSON object, found something else: not a safetensors file");
  return { header: parseHeader(file.subarray(8, start)), data: file.subarray(start) };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) as Record<
      string,
      unknown
    >;
  } catch (error) {
    if (error instanceof JsonError) throw new SafetensorsError(`header: ${error.message}`);
    throw new SafetensorsError("header: expected JSON in UTF-8, found other bytes: not a safetensors file");
  }
}

function nameOf(name: string): string {
  if (name === "") throw new SafetensorsError('tensor name: expected one that is not empty, found ""');
  return name;
}

/** Metadata, any name allowed; a zod record would leave out `__proto__`. */
function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SafetensorsError(`${METADATA}: expected an object, found ${describeValue(value)}`);
  for (const [name, text] of Object.entries(value))
    if (typeof text !== "string")
      throw new SafetensorsError(`${METADATA}, ${name}: expected a text, found ${describeValue(text)}`);
  return value as Record<string, string>;
}

function parse<Output>(schema: z.ZodType<Output>, value: unknown, what: string): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new SafetensorsError(`${[what, ...path].join(", ")}: expected ${message}`);
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
const dtypeOf = (values: TensorValues) =>
  (Object.keys(arrays) as Dtype[]).find((dtype) => values instanceof arrays[dtype])!;
