/**
 * The artifact store: write-once blobs by key, verified by their SHA-256 on every read. Here it is a folder; an object
 * store could implement the same two methods.
 */
import "server-only";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { dataPath } from "./env";

/** Where an artifact is stored, and the SHA-256 of its bytes: the database keeps both. */
export interface Artifact {
  key: string;
  /** Lower-case hexadecimal. */
  hash: string;
}

export interface ArtifactStore {
  /** Stores `bytes`. If the key already exists, it holds the same bytes. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * The bytes of an artifact; null if there are none under its key.
   * @throws ArtifactDamaged if they are not the bytes that were stored
   */
  get(artifact: Artifact): Promise<Uint8Array | null>;
}

/** What is stored under a key is not what was put there. */
export class ArtifactDamaged extends Error {
  override name = "ArtifactDamaged";
  /** @param found the SHA-256 of the bytes that are there */
  constructor(
    { key, hash }: Artifact,
    readonly found: string,
  ) {
    super(`${key}: expected a file with SHA-256 ${hash}, found ${found}`);
  }
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
    async get(artifact) {
      const bytes = await readFile(file(artifact.key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      });
      const found = bytes && sha256(bytes);
      if (found !== null && found !== artifact.hash) throw new ArtifactDamaged(artifact, found);
      return bytes;
    },
  };
}

/** The bytes of an artifact; null if they are missing or damaged, which is logged. */
export async function getIntact(store: ArtifactStore, artifact: Artifact): Promise<Uint8Array | null> {
  try {
    const bytes = await store.get(artifact);
    if (!bytes) console.error(`${artifact.key}: the file is gone`);
    return bytes;
  } catch (error) {
    if (!(error instanceof ArtifactDamaged)) throw error;
    console.error(error.message);
    return null;
  }
}

/** This installation's store. */
export const artifacts = (): ArtifactStore => folderStore(dataPath("artifacts"));

/** SHA-256 in lower-case hexadecimal. */
export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
