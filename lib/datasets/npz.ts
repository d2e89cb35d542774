/**
 * Files of `numpy.savez`: a zip of arrays in the `.npy` format, each a magic number, a version, a header in Python's
 * notation, and the values. NumPy Enhancement Proposal 1, numpy.org/neps/nep-0001-npy-format.html.
 */
import { unzipSync } from "fflate";
import { DatasetError } from "./errors";
import type { NumpyArray } from "./numpy-array";

/** `\x93NUMPY` */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Most bytes of one array; MNIST's images have 47,040,000. */
const LIMIT_BYTES = 2 ** 28;

/**
 * The named arrays of an npz file; others in it are not unpacked.
 * @param file name for errors
 * @throws DatasetError for a damaged file, an array that is missing, or one that isn't in C order
 */
export function decodeNpz<Name extends string>(
  file: string,
  bytes: Uint8Array,
  names: readonly Name[],
): Record<Name, NumpyArray> {
  const members = unzip(file, bytes, (member) => names.some((name) => member === `${name}.npy`));
  return Object.fromEntries(
    names.map((name) => {
      const member = members[`${name}.npy`];
      if (!member) throw new DatasetError({ field: file, expected: `an array ${name}`, found: "none" });
      return [name, decodeNpy(`${file}, ${name}`, member)];
    }),
  ) as Record<Name, NumpyArray>;
}

function unzip(file: string, bytes: Uint8Array, wanted: (name: string) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (!wanted(name)) return false;
        if (originalSize > LIMIT_BYTES || size > bytes.length) throw new Error(`a size of ${originalSize} bytes`);
        return true;
      },
    });
  } catch (cause) {
    const found = `${bytes.length} bytes, damaged or cut off (${cause instanceof Error ? cause.message : cause})`;
    throw new DatasetError({ field: file, expected: "a whole zip of NumPy arrays", found }, { cause });
  }
}

/** An array of the `.npy` format, its values a view of `bytes`. */
function decodeNpy(file: string, bytes: Uint8Array): NumpyArray {
  const fail = (expected: string, found: string): never => {
    throw new DatasetError({ field: file, expected, found });
  };
  const major = bytes[6]!;
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte) || major < 1 || major > 3)
    fail("NumPy's .npy format, version 1 to 3", `${bytes.length} bytes of something else`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = major === 1 ? 10 : 12;
  const end = start + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length) fail(`a header of ${end - start} bytes`, `${bytes.length - start} bytes`);
  const header = new TextDecoder().decode(bytes.subarray(start, end)).trim();
  const [, type = "", order, shape = ""] =
    /^\{'descr': '([^']{1,9})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,10}, ?)*\d{0,10}),?\), ?\}$/.exec(
      header,
    ) ?? fail("a header of descr, fortran_order and shape", JSON.stringify(header.slice(0, 60)));
  if (order === "True") fail("values row by row (C order)", "column by column (Fortran order)");
  return {
    type,
    shape: shape
      .split(",")
      .filter((digits) => digits.trim())
      .map(Number),
    data: bytes.subarray(end),
  };
}
