/** Copies files of the data folder, with their sizes and SHA-256. */
import "server-only";
import { createHash } from "node:crypto";
import { mkdir, open, readdir } from "node:fs/promises";
import path from "node:path";
import { keptFiles } from "./format";

export interface CopiedFile {
  /** From the folder, with `/`. */
  path: string;
  bytes: number;
  sha256: string;
}

/** The paths of the files in a data folder that a backup keeps, sorted. Unfinished writes are left out. */
export async function keptFilesOf(folder: string): Promise<string[]> {
  const entries = await Promise.all(
    keptFiles.map(async (name) => {
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
