/** Writes a folder whole or not at all, and never over another. */
import "server-only";
import { existsSync, rmSync } from "node:fs";
import { readdir, rename } from "node:fs/promises";
import { makeFolder } from "@/lib/datasets/make-folder";
import { OperationError } from "./operation-error";

/**
 * Writes to a temporary folder beside `folder`, then renames it: what has its name is whole.
 * @param what is written, as in "a backup is never written over another"
 * @throws OperationError if `folder` has anything in it or can't be made
 */
export async function writeFolder<Result>(
  folder: string,
  { what, mode }: { what: string; mode: number },
  write: (partial: string) => Promise<Result>,
): Promise<Result> {
  await requireEmpty(folder, what);
  const partial = `${folder}.partial`;
  if (existsSync(partial))
    throw new OperationError(`${partial} is left of a ${what} that did not end. Remove it, then start again.`);
  const clean = () => rmSync(partial, { recursive: true, force: true });
  process.once("exit", clean); // Ctrl-C
  try {
    await makeFolder(partial, mode).catch((error: NodeJS.ErrnoException) => {
      throw new OperationError(`${folder} can't be made: ${error.message}.`);
    });
    const result = await write(partial);
    await rename(partial, folder);
    return result;
  } finally {
    process.off("exit", clean);
    clean();
  }
}

async function requireEmpty(folder: string, what: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new OperationError(`${folder} is no folder that can be written to (${error.code}).`);
  });
  if (entries.length > 0)
    throw new OperationError(`${folder} is not empty. Name a new folder; a ${what} is never written over another.`);
}
