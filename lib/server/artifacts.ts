/**
 * The artifact store: write-once blobs by key. Here it is a folder; an object store could implement the same two
 * methods.
 */
import "server-only";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { dataPath } from "./env";

export interface ArtifactStore {
  /** Stores `bytes`. If the key already exists, it holds the same bytes. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** The bytes under a key; null if there are none. */
  get(key: string): Promise<Uint8Array | null>;
}

/** Path segments of lower-case letters, digits, `.`, `_` and `-`; none begins with a dot. */
const keyPattern = /^[a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/;

/** A store in `folder`. Writes are atomic. Its methods throw a RangeError for an invalid key. */
export function folderStore(folder: string): ArtifactStore {
  const file = (key: string): string => {
    if (key.length > 256 || !keyPattern.test(key))
      throw new RangeError(
        `artifact key: expected segments of a-z 0-9 . _ - joined by /, found ${JSON.stringify(key)}`,
      );
    return path.join(/* turbopackIgnore: true */ folder, key);
  };
  return {
    async put(key, bytes) {
      const target = file(key);
      const partial = `${target}.${randomUUID()}.partial`;
      await mkdir(path.dirname(target), { recursive: true });
      try {
        await writeFile(partial, bytes, { flush: true });
        await rename(partial, target);
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
    async get(key) {
      try {
        return await readFile(file(key));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
  };
}

/** This installation's store. */
export const artifacts = (): ArtifactStore => folderStore(dataPath("artifacts"));

/** SHA-256 in lower-case hexadecimal. */
export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
