/** Folders, for Node only. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it, unless they exist. One by one: Node's own `recursive` never returns in a file
 * system that takes no new folders, such as /proc.
 * @throws the file system's error; ENOTDIR if the path, or a part of it, is a file
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const existing = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" || dirname(path) === path) throw error;
    return null;
  });
  if (existing?.isDirectory()) return;
  if (existing) throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${path}'`), { code: "ENOTDIR", path });
  await makeFolder(dirname(path), mode);
  await mkdir(path, { mode }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new Error("its file system takes no new folders", { cause: error });
    if (error.code !== "EEXIST") throw error; // somebody else made it
  });
}
