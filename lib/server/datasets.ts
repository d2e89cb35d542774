/**
 * The server's copies of the data sets: the files it serves, and the test labels that it scores predictions against.
 */
import "server-only";
import { accessSync, constants, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { LRUCache } from "lru-cache";
import type { Dataset, DatasetInfo } from "@/lib/datasets";
import { attributionOf, DatasetError, DatasetUnavailableError, datasetInfo, datasets } from "@/lib/datasets";
import type { DatasetSource, DownloadMirror, DownloadProgress, StoredFile, StoreOptions } from "@/lib/datasets/store";
import { datasetStatus, loadStoredDataset, openDatasetFile } from "@/lib/datasets/store";
import type { Refusal, ServerFacts } from "@/lib/leaderboard";
import { bucketStore, siteBucket, urlSeconds } from "./artifacts";
import type { Bucket } from "./bucket";
import { BucketError } from "./bucket";
import { dataPath, env } from "./env";

const downloads = new Map<string, DownloadProgress>();

/** Keys of the site's bucket for what was downloaded begin with it. */
const bucketPrefix = "datasets/";

/** Downloads that are in the site's bucket, as far as this process knows. */
const inBucket = new Set<string>();

/** The site's bucket, so that only one of its instances asks a publisher; null without one. */
const mirrorIn = (bucket: Bucket | null): DownloadMirror | null =>
  bucket && {
    async read(key) {
      const content = await bucket.read(bucketPrefix + key).catch(unlessAway(null));
      if (content) inBucket.add(key);
      return content;
    },
    async write(key, content) {
      const { put } = bucketStore(bucket);
      const isThere = await put(bucketPrefix + key, content).then(() => true, unlessAway(false));
      if (isThere) inBucket.add(key);
    },
  };

const unlessAway =
  <Result>(result: Result) =>
  (error: unknown): Result => {
    if (!(error instanceof BucketError)) throw error;
    console.warn(error.message);
    return result;
  };

let writableFolder: string | undefined;

/** Where downloads are kept, tried once; among temporary files, where nothing else can be written. */
const cacheFolder = (): string => (writableFolder ??= findWritableFolder());

function findWritableFolder(): string {
  const folder = dataPath("datasets");
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return path.join(tmpdir(), "dmbench-datasets");
  }
}

const options = (slug: string): StoreOptions => ({
  datasetsDir: env().DMBENCH_DATASETS_DIR,
  cacheDir: cacheFolder(),
  mirror: mirrorIn(siteBucket()),
  onProgress: (progress) => downloads.set(slug, progress),
  onWarning: (error) => console.warn(error.message),
});

export interface DatasetAvailability
  extends Pick<
    DatasetInfo,
    "slug" | "version" | "name" | "shape" | "classes" | "trainCount" | "testCount" | "downloadBytes" | "source"
  > {
  licence: string;
  /** Authors, title and year. */
  attribution: string;
  /** Names of the files at `/api/v1/datasets/[slug]/[file]`. */
  files: string[];
  /** Where this site's copy comes from; null if it is downloaded at the first request. */
  copy: DatasetSource | null;
  /** The progress of a running download. */
  download: DownloadProgress | null;
}

/** Every data set, and whether this site has a copy. */
export function listDatasets(): Promise<DatasetAvailability[]> {
  return Promise.all(
    datasets.map(async (info) => {
      const { slug, version, name, shape, classes, trainCount, testCount, downloadBytes, licence, source } = info;
      const { source: copy } = await datasetStatus(info, options(slug));
      const files = info.files.map((file) => file.name);
      return {
        slug,
        version,
        name,
        shape,
        classes,
        trainCount,
        testCount,
        downloadBytes,
        licence: licence.name,
        attribution: attributionOf(info),
        source,
        files,
        copy,
        download: downloads.get(slug) ?? null,
      };
    }),
  );
}

/** Whether every file of a data set is on this machine. Doesn't verify or download them. */
export async function hasDataset(slug: string): Promise<boolean> {
  const { source, missing } = await datasetStatus(slug, options(slug));
  return source !== null && missing.length === 0;
}

/**
 * A verified file of a data set, downloaded if necessary; null if the data set has no such file.
 * @throws DatasetError for a damaged file
 * @throws DatasetUnavailableError with the ways to get one
 */
export async function datasetFile(
  slug: string,
  name: string,
  signal?: AbortSignal,
): Promise<{ info: DatasetInfo; file: StoredFile /** Null if it isn't in a bucket. */; url: string | null } | null> {
  const info = datasets.find((known) => known.slug === slug);
  if (!info?.files.some((file) => file.name === name)) return null;
  try {
    const file = await openDatasetFile(info, name, { ...options(slug), ...(signal && { signal }) });
    return file && { info, file, url: await bucketUrl(`${info.folder}/${name}`, file) };
  } finally {
    downloads.delete(slug);
  }
}

/** Where a downloaded file is in the site's bucket, into which it is put if necessary; null for any other file. */
async function bucketUrl(key: string, { source, path }: StoredFile, bucket = siteBucket()): Promise<string | null> {
  if (!bucket || source !== "cache") return null;
  if (!inBucket.has(key)) await mirrorIn(bucket)?.write(key, await readFile(path));
  return inBucket.has(key) ? bucket.urlOf(bucketPrefix + key, urlSeconds) : null;
}

/** A failed load is not cached, so that a copy added later is found. */
const cachedTestData = new LRUCache<string, ServerFacts["dataset"] & { testLabels: Uint8Array }>({
  max: datasets.length,
  fetchMethod: loadTestData,
});

/**
 * A data set as scoring needs it; a refusal if there is no such data set or no copy of it.
 * @param testSize the recipe's: only the labels of the first so many test images
 */
export async function testData(slug: string, testSize?: number): Promise<ServerFacts["dataset"] | Refusal> {
  const field = "record.manifest.dataset.slug";
  if (!datasets.some((info) => info.slug === slug)) {
    return {
      reason: "dataset-differs",
      field,
      expected: datasets.map((info) => info.slug).join(", "),
      found: slug,
      remedy: "Name a data set of /api/v1/datasets.",
    };
  }
  try {
    const data = await cachedTestData.forceFetch(slug);
    return testSize === undefined ? data : { ...data, testLabels: data.testLabels.slice(0, testSize) };
  } catch (error) {
    if (!(error instanceof DatasetError || error instanceof DatasetUnavailableError)) throw error;
    return {
      reason: "dataset-unavailable",
      field,
      expected: "a data set that this site has a copy of",
      found: slug,
      remedy: error.message,
    };
  }
}

async function loadTestData(slug: string) {
  const { test, subset, hash } = await openDataset(slug);
  const { version, classes } = datasetInfo(slug);
  return { slug, version, subset, hash, classes: classes.length, testLabels: test.labels };
}

/** Only test splits stay in memory: at most 31 MB for each data set. */
const cachedTestSplits = new LRUCache<string, Dataset["test"]>({
  max: datasets.length,
  fetchMethod: async (slug) => (await openDataset(slug)).test,
});

/** A test example's picture; null if there is no such example, or no copy of its data set. */
export async function testImage(
  slug: string,
  index: number,
): Promise<{ width: number; height: number; channels: 1 | 3; pixels: Uint8Array } | null> {
  const info = datasets.find((known) => known.slug === slug);
  if (!info || !(index < info.testCount)) return null;
  try {
    const test = await cachedTestSplits.forceFetch(slug);
    const [height, width, channels] = info.shape;
    const size = height * width * channels;
    return index < test.count
      ? { width, height, channels: channels === 3 ? 3 : 1, pixels: test.images.slice(index * size, (index + 1) * size) }
      : null;
  } catch (error) {
    if (!(error instanceof DatasetError || error instanceof DatasetUnavailableError)) throw error;
    return null;
  }
}

/** A whole data set, decoded. Throws like `datasetFile`. */
export async function openDataset(slug: string): Promise<Dataset> {
  try {
    return await loadStoredDataset(slug, options(slug));
  } finally {
    downloads.delete(slug);
  }
}
