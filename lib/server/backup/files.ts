/** Copies files of the data folder, with their sizes and SHA-256. */
import "server-only";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, writeFile as writeNew } from "node:fs/promises";
import path from "node:path";

export interface CopiedFile {
  /** From the folder, with `/`. */
  path: string;
  bytes: number;
  sha256: string;
}

/**
 * The paths of the files in a data folder that a backup keeps, sorted. Unfinished writes are left out.
 * @param kept files and folders in it
 */
export async function keptFilesOf(folder: string, kept: readonly string[]): Promise<string[]> {
  const entries = await Promise.all(
    kept.map(async (name) => {
      const place = path.join(folder, name);
      try {
        const found = await readdir(place, { recursive: true, withFileTypes: true });
        return found.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT") return [];
        if (code === "ENOTDIR") return [place];
        throw error;
      }
    }),
  );
  return entries
    .flat()
    .filter((file) => !file.endsWith(".partial"))
    .map((file) => path.relative(folder, file).split(path.sep).join("/"))
    .sort();
}

/**
 * Copies a file through to the disk, with its permissions: the secret stays readable by its owner alone.
 * @throws the file system's error; EEXIST if the copy is there already
 */
export async function copyFile(name: string, fromFolder: string, toFolder: string): Promise<CopiedFile> {
  const to = path.join(toFolder, name);
  await mkdir(path.dirname(to), { recursive: true });
  const hash = createHash("sha256");
  let bytes = 0;
  const source = await open(path.join(fromFolder, name));
  try {
    const target = await open(to, "wx", (await source.stat()).mode & 0o777);
    try {
      for await (const chunk of source.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        bytes += chunk.length;
        await target.write(chunk);
      }
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
  return { path: name, bytes, sha256: hash.digest("hex") };
}

/** A file's size and SHA-256. @throws the file system's error */
export async function hashOf(file: string): Promise<Omit<CopiedFile, "path">> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** Writes a file through to the disk. @throws the file system's error; EEXIST if it is there already */
export async function writeFile(name: string, bytes: Uint8Array, folder: string): Promise<CopiedFile> {
  const to = path.join(folder, name);
  await mkdir(path.dirname(to), { recursive: true });
  await writeNew(to, bytes, { flag: "wx", flush: true });
  return { path: name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
