/**
 * The user's copy of a data set packed or in another format: the publisher's archive, Keras's npz, CIFAR's pickles for
 * Python. It is converted into the published files. For Node only.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseTar } from "nanotar";
import { cifarRecords } from "./cifar";
import type { DatasetCopy, DatasetFile, DatasetInfo } from "./dataset";
import { DatasetError } from "./errors";
import { gunzip } from "./gzip";
import { encodeIdx } from "./idx";
import { decodeNpz } from "./npz";
import { toBytes } from "./numpy-array";

/** A copy that is there. Its path has the user's folder in front. */
export interface FoundCopy extends DatasetCopy {
  /** Size on disk. */
  bytes: number;
  /** Published files that it lacks. */
  missing: string[];
}

/** A published file, and the one it was made from. */
export interface ConvertedFile {
  file: DatasetFile;
  content: Uint8Array;
  origin: string;
}

/** Larger files are none of these: CIFAR's archives have 170 MB. */
const LIMIT_BYTES = 2 ** 30;

/** Paths of copies inside the user's folder. */
export function copyPaths(info: DatasetInfo): string[] {
  return copiesOf(info).map(({ path }) => path);
}

/** The first copy in the user's folder. */
export async function findCopy(info: DatasetInfo, datasetsDir: string | null | undefined): Promise<FoundCopy | null> {
  if (!datasetsDir) return null;
  for (const copy of copiesOf(info)) {
    const path = join(/* turbopackIgnore: true */ datasetsDir, copy.path);
    const found = copy.format === "pickles" && !copy.md5 ? await findPickles(info, path) : await findWhole(path);
    if (found) return { ...copy, path, ...found };
  }
  return null;
}

/**
 * The published files of a copy, one after another; those that may be absent from a subset only if it has them.
 * @throws DatasetError naming the file that is damaged, missing or something else
 */
export async function* convertCopy(info: DatasetInfo, copy: DatasetCopy): AsyncGenerator<ConvertedFile> {
  const { path, format } = copy;
  if (format === "npz") {
    const arrays = decodeNpz(path, await readWhole(path), Object.values(npzArrays));
    for (const file of info.files) {
      const name = npzArrays[file.role as keyof typeof npzArrays];
      const origin = `${path}, ${name}`;
      const { shape } = arrays[name];
      const [count = 0] = shape;
      const dimensions = name.startsWith("x") ? [count, info.shape[0], info.shape[1]] : [count];
      const data = toBytes(origin, arrays[name]);
      if (data.length !== dimensions.reduce((product, dimension) => product * dimension, 1))
        throw new DatasetError({
          field: origin,
          expected: dimensions.join("×"),
          found: shape.join("×") || "one value",
        });
      yield { file, content: encodeIdx(dimensions, data), origin };
    }
    return;
  }
  const read = copy.md5 ? await archiveMembers(path, copy.md5) : folderFiles(path);
  for (const file of info.files) {
    const name = format === "pickles" ? pickleName(file) : file.name;
    const origin = join(path, name);
    const content = await read(name);
    if (content)
      yield { file, content: format === "pickles" ? cifarRecords(origin, content, info.format) : content, origin };
    else if (!file.optional || copy.md5)
      throw new DatasetError({ field: path, expected: `${name} beside the others of the data set`, found: "none" });
  }
}

const npzArrays = {
  "train-images": "x_train",
  "train-labels": "y_train",
  "test-images": "x_test",
  "test-labels": "y_test",
} as const;

const pickleName = ({ name }: DatasetFile): string => name.replace(/\.bin$/, "");

/** The publisher's archive first: it needs no conversion. */
function copiesOf({ archive, folder, copies = [] }: DatasetInfo): DatasetCopy[] {
  if (!archive) return [...copies];
  const { name, md5 } = archive;
  return [...[join(folder, name), name].map((path): DatasetCopy => ({ format: "archive", path, md5 })), ...copies];
}

async function fileBytes(path: string): Promise<number | null> {
  const stats = await stat(path).catch(() => null);
  return stats?.isFile() ? stats.size : null;
}

type Found = Pick<FoundCopy, "bytes" | "missing"> | null;

async function findWhole(path: string): Promise<Found> {
  const bytes = await fileBytes(path);
  return bytes === null ? null : { bytes, missing: [] };
}

async function findPickles({ files }: DatasetInfo, folder: string): Promise<Found> {
  const sizes = await Promise.all(files.map((file) => fileBytes(join(folder, pickleName(file)))));
  const missing = files.filter((_, i) => sizes[i] === null).map(({ name }) => name);
  if (missing.length === files.length) return null;
  return { bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0), missing };
}

type ReadMember = (name: string) => Promise<Uint8Array | null>;

const folderFiles =
  (folder: string): ReadMember =>
  async (name) =>
    (await fileBytes(join(folder, name))) === null ? null : readWhole(join(folder, name));

async function archiveMembers(path: string, md5: string): Promise<ReadMember> {
  const content = await readWhole(path);
  verifyChecksum(path, content, md5);
  const members = parseTar(await gunzip(path, content));
  return async (name) => members.find((member) => basename(member.name) === name)?.data ?? null;
}

async function readWhole(path: string): Promise<Uint8Array> {
  const size = await fileBytes(path);
  if (size !== null && size > LIMIT_BYTES)
    throw new DatasetError({ field: path, expected: `at most ${LIMIT_BYTES} bytes`, found: `${size}` });
  return readFile(path);
}

/** @throws DatasetError for other bytes than the published ones */
export function verifyChecksum(file: string, content: Uint8Array, md5: string): void {
  const found = md5Of(content);
  if (found !== md5)
    throw new DatasetError({ field: file, expected: `MD5 ${md5}`, found: `${found} (${content.length} bytes)` });
}

export const md5Of = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");
