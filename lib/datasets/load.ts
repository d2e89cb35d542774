/**
 * Loads a data set through any reader of its files: decodes, validates and
 * fingerprints it. Works in browsers, workers and Node.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { decodeCifar } from "./cifar";
import type { Dataset, DatasetFile, DatasetInfo, Split } from "./dataset";
import { decodeDigits } from "./digits";
import { DatasetError, DatasetUnavailableError } from "./errors";
import { gunzip } from "./gzip";
import { decodeIdxImages, decodeIdxLabels } from "./idx";
import { channelNormalization } from "./normalization";
import { datasetInfo } from "./registry";

/** Reads a file by its published name, with or without gzip; null if there is no such file. */
export type ReadFile = (name: string) => Promise<Uint8Array | null>;

/** Reported after each file. */
export interface LoadProgress {
  file: string;
  filesDone: number;
  filesTotal: number;
}

/**
 * A data set, decoded and checked.
 * @param dataset slug, or a custom description
 * @throws DatasetError naming the file that is invalid, DatasetUnavailableError for one that is missing,
 *   RangeError for an unknown slug
 */
export async function loadDataset(
  dataset: string | DatasetInfo,
  readFile: ReadFile,
  onProgress?: (progress: LoadProgress) => void,
): Promise<Dataset> {
  const info = typeof dataset === "string" ? datasetInfo(dataset) : dataset;
  const contents = new Map<DatasetFile["role"], Part[]>();
  for (const [i, file] of info.files.entries()) {
    const path = `${info.folder}/${file.name}`;
    const bytes = await readFile(file.name);
    if (bytes)
      contents.set(file.role, [...(contents.get(file.role) ?? []), { file: path, bytes: await gunzip(path, bytes) }]);
    else if (!file.optional)
      throw new DatasetUnavailableError(`${path}: there is no such file, and ${info.name} can't be loaded without it.`);
    onProgress?.({ file: file.name, filesDone: i + 1, filesTotal: info.files.length });
  }
  const { train, test } = decode(info, (role) => contents.get(role) ?? []);
  return {
    info,
    train,
    test,
    normalization: channelNormalization(train, info.shape[2]),
    subset: subsetName(info, train, test),
    hash: await fingerprint(train, test),
  };
}

interface Part {
  file: string;
  bytes: Uint8Array;
}

function decode(info: DatasetInfo, parts: (role: DatasetFile["role"]) => Part[]): { train: Split; test: Split } {
  const { format } = info;
  switch (format) {
    case "digits": {
      const [{ file, bytes }] = parts("all") as [Part];
      return decodeDigits(file, bytes);
    }
    case "idx":
      return {
        train: decodeIdx(info, parts("train-images")[0]!, parts("train-labels")[0]!),
        test: decodeIdx(info, parts("test-images")[0]!, parts("test-labels")[0]!),
      };
    case "cifar-10":
    case "cifar-100-fine":
    case "cifar-100-coarse": {
      const decodeAll = (role: "train" | "test") =>
        concatenate(parts(role).map(({ file, bytes }) => decodeCifar(file, bytes, format)));
      return { train: decodeAll("train"), test: decodeAll("test") };
    }
  }
}

function decodeIdx(info: DatasetInfo, imageFile: Part, labelFile: Part): Split {
  const images = decodeIdxImages(imageFile.file, imageFile.bytes, info.shape);
  const labels = decodeIdxLabels(labelFile.file, labelFile.bytes, info.classes.length);
  const count = images.length / (info.shape[0] * info.shape[1]);
  if (count === 0) throw new DatasetError({ field: imageFile.file, expected: "at least one image", found: "none" });
  if (labels.length !== count) {
    throw new DatasetError({
      field: labelFile.file,
      expected: `${count} labels, one for each image of ${imageFile.file}`,
      found: `${labels.length}`,
    });
  }
  return { images, labels, count };
}

function concatenate(splits: readonly Split[]): Split {
  if (splits.length === 1) return splits[0]!;
  const count = splits.reduce((sum, split) => sum + split.count, 0);
  const images = new Uint8Array(splits.reduce((sum, split) => sum + split.images.length, 0));
  const labels = new Uint8Array(count);
  let offset = 0;
  for (const split of splits) {
    images.set(split.images, offset * (split.images.length / split.count));
    labels.set(split.labels, offset);
    offset += split.count;
  }
  return { images, labels, count };
}

function subsetName({ trainCount, testCount }: DatasetInfo, train: Split, test: Split): string | null {
  if (train.count === trainCount && test.count === testCount) return null;
  const number = (count: number) => count.toLocaleString("en");
  const training = `${number(train.count)} of ${number(trainCount)} training`;
  return `${training} and ${number(test.count)} of ${number(testCount)} test images`;
}

async function fingerprint(train: Split, test: Split): Promise<string> {
  const parts = [train.images, train.labels, test.images, test.labels];
  // Web Crypto is ten times as fast, but not available without https.
  if (!globalThis.crypto?.subtle)
    return bytesToHex(parts.reduce((hash, part) => hash.update(part), sha256.create()).digest());
  return bytesToHex(
    new Uint8Array(
      await crypto.subtle.digest("SHA-256", await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer()),
    ),
  );
}
