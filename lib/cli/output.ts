/** What a command writes to disk: proved to be possible before any work starts, then written whole or not at all. */
import { access, constants, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeFolder } from "@/lib/datasets/make-folder";
import { Failure, UsageError } from "./exit";
import { reasonOf } from "./reasons";

/**
 * Makes a folder, and writes into it once to see that it can be.
 * @throws UsageError naming the folder
 */
export async function prepareFolder(folder: string): Promise<void> {
  const trial = join(folder, `.dmbench.${process.pid}.part`);
  try {
    await makeFolder(resolve(folder));
    await writeFile(trial, new Uint8Array(4096)); // large enough for a full disk to refuse it
  } catch (error) {
    throw new UsageError(`${folder}: nothing can be written there: ${reasonOf(error)}.`);
  } finally {
    await rm(trial, { force: true }).catch(() => {});
  }
}

/**
 * Sees that a file can be written; makes its folder.
 * @throws UsageError naming the file
 */
export async function prepareFile(path: string): Promise<void> {
  const existing = await stat(path).catch(() => null);
  if (!existing || existing.isFile()) await prepareFolder(dirname(path));
  if (!existing) return;
  if (existing.isDirectory()) throw new UsageError(`${path} can't be written: it is a folder, not a file.`);
  await access(path, constants.W_OK).catch((error: unknown) => {
    throw new UsageError(`${path} can't be written: ${reasonOf(error)}.`);
  });
}

/**
 * Writes a file whole: readers see all of it or none. A device or pipe, which can't be replaced, is written to.
 * @throws Failure naming the file
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const existing = await stat(path).catch(() => null);
  const target = existing ? await realpath(path) : path; // a link stays one
  const part = `${target}.${process.pid}.part`;
  try {
    if (existing && !existing.isFile() && !existing.isDirectory()) return await writeFile(target, content);
    await writeFile(part, content);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw new Failure(`${path} can't be written: ${reasonOf(error)}.`);
  }
}
