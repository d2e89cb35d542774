/**
 * Data-set files on disk, for Node only: from the user's folder, a Debian package, this project, or the cache, which is
 * filled from the user's copy in another format, or by one download from the publisher.
 * Every file is verified before it is returned.
 */
import { createWriteStream } from "node:fs";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { decodeCifar } from "./cifar";
import { convertCopy, findCopy, md5Of, verifyChecksum } from "./copies";
import type { Dataset, DatasetCopy, DatasetFile, DatasetInfo } from "./dataset";
import { DatasetError, DatasetUnavailableError } from "./errors";
import { gunzip, isGzip } from "./gzip";
import type { LoadProgress } from "./load";
import { loadDataset } from "./load";
import { makeFolder } from "./make-folder";
import { describeSearch } from "./near-misses";
import { datasetInfo } from "./registry";
import { singleFlight } from "./single-flight";

/** The origin of a copy: the user, a Debian package, this project, or the cache. */
export type DatasetSource = "user" | "system" | "embedded" | "cache";

export interface DownloadProgress {
  /** Name of the file or archive that is being downloaded. */
  file: string;
  receivedBytes: number;
  /** Null if the server doesn't send it. */
  totalBytes: number | null;
}

/** A place that several machines share, for what one of them has downloaded. Its methods never throw. */
export interface DownloadMirror {
  /** The content of a download; null if it can't be had there. */
  read(key: string): Promise<Uint8Array | null>;
  /** Takes a verified download. */
  write(key: string, content: Uint8Array): Promise<void>;
}

export interface StoreOptions {
  /** The user's folder, with a folder for each data set (DMBENCH_DATASETS_DIR). */
  datasetsDir?: string | null | undefined;
  /** Where downloads are cached. */
  cacheDir: string;
  /** Where Debian packages install data sets. */
  systemDir?: string;
  /** The data sets that ship with this project. */
  embeddedDir?: string;
  /** Whether a missing file may be downloaded. */
  download?: boolean;
  /** Asked before a publisher, and given what comes from one. */
  mirror?: DownloadMirror | null;
  onProgress?: (progress: DownloadProgress) => void;
  /** Called for a problem that is repaired: a damaged file in the cache. */
  onWarning?: (error: DatasetError) => void;
  signal?: AbortSignal;
}

export interface StoredFile {
  path: string;
  /** Size on disk. */
  bytes: number;
  gzipped: boolean;
  source: DatasetSource;
}

export interface DatasetStatus {
  slug: string;
  /** Null if there is no local copy. */
  source: DatasetSource | null;
  /** The folder; null if there is no local copy. */
  path: string | null;
  /** Size on disk of the files found. */
  bytes: number;
  /** Published files that this copy lacks. */
  missing: string[];
}

interface Folder {
  source: DatasetSource;
  path: string;
}

/** Checksums of the files unpacked from an archive, in md5sum's format; written last. */
const checksumFile = "MD5SUMS";

const defaults = { systemDir: "/usr/share/datasets", embeddedDir: join("public", "datasets"), download: true } as const;

/** Verified files by format and path, with their size, times and inode when verified. */
const checkedFiles = new Map<string, { stamp: string; gzipped: boolean }>();

/** Numbers the partial files, so that a new download never shares one with a download that was just aborted. */
let parts = 0;

const fetchOnce = singleFlight<DownloadProgress>();

/**
 * A verified file of a data set, downloaded first if there is no local copy. The first folder that has any of the data
 * set's files is the source of all of them.
 * A damaged file in the cache is reported to `onWarning`, deleted and downloaded again. Anywhere else it is left in
 * place and is an error.
 * @param dataset slug, or a custom description
 * @param name as in `info.files`; on disk the file may be gzipped or not
 * @returns null for an optional file that is absent from a subset
 * @throws DatasetError for a damaged or missing file, DatasetUnavailableError if there is no copy and none can be
 *   downloaded, RangeError for an unknown slug or name, the signal's reason if it was aborted
 */
export async function openDatasetFile(
  dataset: string | DatasetInfo,
  name: string,
  options: StoreOptions,
): Promise<StoredFile | null> {
  const info = typeof dataset === "string" ? datasetInfo(dataset) : dataset;
  const file = info.files.find((candidate) => candidate.name === name);
  if (!file)
    throw new RangeError(
      `file of ${info.slug}: expected one of ${info.files.map((known) => known.name).join(", ")}, ` +
        `found ${JSON.stringify(name)}`,
    );

  const folder = await localFolder(info, options);
  if (folder) return openLocal(info, file, folder);

  const cache: Folder = { source: "cache", path: join(options.cacheDir, info.folder) };
  const cached = await openCached(info, file, cache).catch(ifDamaged(() => null));
  if (cached) return cached;
  await fetchFile(info, file, cache, options);
  return openCached(info, file, cache);
}

/** The bytes of a file that `openDatasetFile` opens; may be gzipped. */
export async function readDatasetFile(
  dataset: string | DatasetInfo,
  name: string,
  options: StoreOptions,
): Promise<Uint8Array | null> {
  const file = await openDatasetFile(dataset, name, options);
  return file && readFile(file.path);
}

/**
 * A data set from disk, decoded; downloaded first if there is no local copy. Throws like `openDatasetFile` and
 * `loadDataset`.
 */
export async function loadStoredDataset(
  dataset: string | DatasetInfo,
  { onLoad, ...options }: StoreOptions & { onLoad?: (progress: LoadProgress) => void },
): Promise<Dataset> {
  return loadDataset(dataset, (name) => readDatasetFile(dataset, name, options), onLoad);
}

/** Where a data set is stored. Doesn't verify or download it. */
export async function datasetStatus(dataset: string | DatasetInfo, options: StoreOptions): Promise<DatasetStatus> {
  const info = typeof dataset === "string" ? datasetInfo(dataset) : dataset;
  const folder = (await localFolder(info, options)) ?? {
    source: "cache" as const,
    path: join(options.cacheDir, info.folder),
  };
  const located = await Promise.all(info.files.map((file) => locate(folder.path, file.name)));
  const missing = info.files.filter((_, i) => !located[i]).map((file) => file.name);
  if (missing.length === info.files.length) {
    const copy = await findCopy(info, options.datasetsDir);
    if (copy) return { slug: info.slug, source: "user", path: copy.path, bytes: copy.bytes, missing: copy.missing };
    return { slug: info.slug, source: null, path: null, bytes: 0, missing };
  }
  return { slug: info.slug, ...folder, bytes: located.reduce((sum, file) => sum + (file?.bytes ?? 0), 0), missing };
}

/** The first folder other than the cache that has any of the data set's files. */
async function localFolder(
  info: DatasetInfo,
  { datasetsDir, systemDir = defaults.systemDir, embeddedDir = defaults.embeddedDir }: StoreOptions,
): Promise<Folder | null> {
  const folders: Folder[] = userFolders(info, datasetsDir).map((path) => ({ source: "user", path }));
  if (info.debianPackage)
    folders.push({ source: "system", path: join(/* turbopackIgnore: true */ systemDir, info.folder) });
  folders.push({ source: "embedded", path: join(/* turbopackIgnore: true */ embeddedDir, info.folder) });
  for (const folder of folders) {
    for (const file of info.files) if (await locate(folder.path, file.name)) return folder;
  }
  return null;
}

/** The folders inside the user's that may hold a data set. */
const userFolders = ({ folder, otherFolders = [] }: DatasetInfo, datasetsDir: string | null | undefined): string[] =>
  datasetsDir ? [folder, ...otherFolders].map((name) => join(/* turbopackIgnore: true */ datasetsDir, name)) : [];

async function openLocal(info: DatasetInfo, file: DatasetFile, folder: Folder): Promise<StoredFile | null> {
  const located = await locate(folder.path, file.name);
  if (located) return verified(info, located, folder.source, file.md5, remedies(info)[folder.source]);
  if (file.optional) return null;
  throw new DatasetError({
    field: join(folder.path, file.name),
    expected: "this file beside the others of the data set",
    found: "none",
    remedy: remedies(info)[folder.source],
  });
}

/** A file from the cache; null if it isn't there yet, or if its checksum is missing. */
async function openCached(info: DatasetInfo, file: DatasetFile, { path }: Folder): Promise<StoredFile | null> {
  const located = await locate(path, file.name);
  const md5 = file.md5 ?? (await unpackedChecksums(path)).get(file.name);
  if (!located || !md5) return null;
  return verified(info, located, "cache", md5, "It was deleted from the cache and is fetched again.");
}

async function locate(folder: string, name: string): Promise<{ path: string; bytes: number; stamp: string } | null> {
  for (const spelling of spellings(name)) {
    const path = join(folder, spelling);
    const stats = await stat(path).catch(() => null);
    // The change time and the inode too: a modification time can be set back.
    if (stats?.isFile())
      return { path, bytes: stats.size, stamp: [stats.size, stats.mtimeMs, stats.ctimeMs, stats.ino].join(" ") };
  }
  return null;
}

/** With and without gzip; IDX also with a dot, as some programs unpack it. */
function spellings(name: string): string[] {
  const plain = name.replace(/\.gz$/, "");
  const dotted = plain.replace(/-(idx\d-)/, ".$1");
  const names = [name, plain, `${plain}.gz`, dotted, `${dotted}.gz`];
  return [...new Set(names)];
}

/**
 * Verifies a file by its checksum, or by decoding its records if no checksum is known. A file that was verified before
 * and hasn't changed is not read again.
 */
async function verified(
  info: DatasetInfo,
  { path, bytes, stamp }: { path: string; bytes: number; stamp: string },
  source: DatasetSource,
  md5: string | undefined,
  remedy: string,
): Promise<StoredFile> {
  const key = `${info.format} ${path}`;
  const before = checkedFiles.get(key);
  if (before?.stamp === stamp) return { path, bytes, gzipped: before.gzipped, source };
  const content = await readFile(path);
  await verify(info, path, content, md5).catch(withRemedy(remedy));
  const gzipped = isGzip(content);
  checkedFiles.set(key, { stamp, gzipped });
  return { path, bytes, gzipped, source };
}

async function verify(info: DatasetInfo, file: string, content: Uint8Array, md5: string | undefined): Promise<void> {
  const unpacked = await gunzip(file, content);
  if (md5) verifyChecksum(file, unpacked, md5);
  else if (info.format !== "idx" && info.format !== "digits") decodeCifar(file, unpacked, info.format);
}

async function fetchFile(info: DatasetInfo, file: DatasetFile, cache: Folder, options: StoreOptions): Promise<void> {
  const { archive = file } = info;
  const path = join(cache.path, archive.name);
  const copy = await findCopy(info, options.datasetsDir);
  if (file.optional && copy?.missing.includes(file.name)) return;
  await fetchOnce(
    copy?.path ?? path,
    async (signal, report) => {
      // Check again inside the single flight: the file may have arrived by now, and a damaged one is deleted only once.
      const cached = await openCached(info, file, cache).catch(
        ifDamaged(async (error) => {
          options.onWarning?.(error);
          await Promise.all(spellings(file.name).map((spelling) => rm(join(cache.path, spelling), { force: true })));
          return null;
        }),
      );
      if (cached) return;
      await makeFolder(cache.path);
      if (copy) {
        const remedy = `Put the published file in its place, or take ${copy.path} away to have it downloaded.`;
        return writeFiles(info, copy, cache.path).catch(withRemedy(remedy));
      }
      if (!info.archive) {
        const check = (content: Uint8Array) => verify(info, path, content, file.md5);
        return fetchFrom(info, file, path, check, options, signal, report);
      }
      const { md5 } = info.archive;
      const check = async (content: Uint8Array) => verifyChecksum(path, content, md5);
      await fetchFrom(info, archive, path, check, options, signal, report);
      await writeFiles(info, { format: "archive", path, md5 }, cache.path);
      await rm(path);
    },
    options,
  );
}

type ReportDownload = (progress: DownloadProgress) => void;

/** Downloads from the mirror or the first URL that works. Only a verified file is moved into place. */
async function fetchFrom(
  info: DatasetInfo,
  { name, urls }: { name: string; urls: readonly string[] },
  path: string,
  check: (content: Uint8Array) => Promise<void>,
  { download = defaults.download, datasetsDir, mirror }: StoreOptions,
  signal: AbortSignal,
  report: ReportDownload,
): Promise<void> {
  const part = partOf(path);
  const failures: Error[] = [];
  const key = `${info.folder}/${name}`;
  try {
    const mirrored = (await mirror?.read(key)) ?? null;
    const isIntact =
      mirrored &&
      (await check(mirrored).then(
        () => true,
        ifDamaged(() => false),
      ));
    if (isIntact) {
      await writeFile(part, mirrored);
      return await rename(part, path);
    }
    for (const url of download ? urls : []) {
      try {
        await transfer(url, part, signal, (receivedBytes, totalBytes) =>
          report({ file: name, receivedBytes, totalBytes }),
        );
        const content = await readFile(part);
        await check(content);
        await rename(part, path);
        return await mirror?.write(key, content);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof DatasetError)
          failures.push(
            new DatasetError({
              ...error.issue,
              field: url,
              remedy: "This address doesn't give the published file: try again later.",
            }),
          );
        else failures.push(new Error(`${url}: ${reason(error)}`, { cause: error }));
      }
    }
  } finally {
    await rm(part, { force: true });
  }
  throw (
    failures.find((failure) => failure instanceof DatasetError) ??
    unavailable(info, failures, await describeSearch(info, datasetsDir))
  );
}

async function transfer(
  url: string,
  path: string,
  signal: AbortSignal,
  report: (receivedBytes: number, totalBytes: number | null) => void,
): Promise<void> {
  const response = await fetch(url, { signal, headers: { "accept-encoding": "identity" } });
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status} ${response.statusText}`);
  const totalBytes = Number(response.headers.get("content-length")) || null;
  let receivedBytes = 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      receivedBytes += chunk.length;
      report(receivedBytes, totalBytes);
      yield chunk;
    }
  };
  try {
    await pipeline(
      Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
      counted,
      createWriteStream(path),
      { signal },
    );
  } catch (cause) {
    throw new Error(
      `the transfer broke off after ${receivedBytes} of ${totalBytes ?? "unknown"} bytes (${reason(cause)})`,
      { cause },
    );
  }
}

/** Writes the published files of a copy into the cache, each verified, then their checksums. */
async function writeFiles(info: DatasetInfo, copy: DatasetCopy, folder: string): Promise<void> {
  const checksums: string[] = [];
  for await (const { file, content, origin } of convertCopy(info, copy)) {
    await verify(info, origin, content, file.md5);
    await writeAtomically(join(folder, file.name.replace(/\.gz$/, "")), content);
    checksums.push(`${md5Of(content)}  ${file.name}\n`);
  }
  await writeAtomically(join(folder, checksumFile), checksums.join(""));
}

async function unpackedChecksums(folder: string): Promise<Map<string, string>> {
  const text = await readFile(join(folder, checksumFile), "utf8").catch(() => "");
  return new Map(
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => [line.slice(34), line.slice(0, 32)]),
  );
}

async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const part = partOf(path);
  await writeFile(part, content);
  await rename(part, path);
}

/** @param search where the user's copy was looked for, in sentences */
function unavailable(info: DatasetInfo, failures: readonly Error[], search: string): DatasetUnavailableError {
  const { name, folder, files, archive, debianPackage } = info;
  if (!archive && files.every((file) => file.urls.length === 0)) {
    return new DatasetUnavailableError(
      `${name} comes with this project, but its files are gone. ${remedies(info).embedded}`,
    );
  }
  const tried =
    failures.length > 0
      ? ` and could not be downloaded:\n${failures.map((failure) => `  ${failure.message}`).join("\n")}\n`
      : ". ";
  const wanted = archive
    ? `${folder}/${files[0]!.name} and the others, or ${archive.name}`
    : `${folder}/${files[0]!.name} and the others`;
  const ways = [
    `set DMBENCH_DATASETS_DIR to a folder that holds ${wanted}`,
    ...(debianPackage ? [`install Debian's package ${debianPackage}`] : []),
    "connect to the internet once, and it is downloaded and kept",
  ];
  return new DatasetUnavailableError(
    `${name} is not on this machine${tried}${search} Ways to get it: ${ways.map((way, i) => `(${i + 1}) ${way}`).join("; ")}. ` +
      'The data set "digits" needs none of this.',
    { cause: failures[0] },
  );
}

function remedies({ debianPackage, folder }: DatasetInfo): Record<DatasetSource, string> {
  return {
    user:
      `Put the published file in its place, ` +
      `or take the folder ${folder} out of DMBENCH_DATASETS_DIR to have it downloaded.`,
    system: `Reinstall it: apt-get install --reinstall ${debianPackage}.`,
    embedded: "Restore it from the project's repository.",
    cache: "Delete it from the cache to have it fetched again.",
  };
}

/** Handles the error for a damaged file; rethrows all others. */
const ifDamaged =
  <Result>(handle: (error: DatasetError) => Result) =>
  (error: unknown): Result => {
    if (error instanceof DatasetError) return handle(error);
    throw error;
  };

const withRemedy = (remedy: string) =>
  ifDamaged((error): never => {
    throw new DatasetError({ ...error.issue, remedy }, { cause: error });
  });

const partOf = (path: string): string => `${path}.${process.pid}-${++parts}.part`;

/** The message and that of its cause, where Node's fetch puts the actual reason. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message || (cause as NodeJS.ErrnoException).code}` : message;
}
