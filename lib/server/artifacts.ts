/**
 * The artifact store: write-once blobs by key, verified by their SHA-256 on every read. It is a folder, or a bucket that
 * every instance of the site shares.
 */
import "server-only";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Bucket } from "./bucket";
import { BucketError, openBucket } from "./bucket";
import { bucketSettings, dataPath, env } from "./env";

/** Where an artifact is stored, and the SHA-256 of its bytes: the database keeps both. */
export interface Artifact {
  key: string;
  /** Lower-case hexadecimal. */
  hash: string;
}

/** Its methods throw a RangeError for an invalid key. */
export interface ArtifactStore {
  /** Whether every instance of the site uses it: only then is what it doesn't have lost, else it may be elsewhere. */
  readonly shared: boolean;
  /** Stores `bytes`. If the key already exists, it holds the same bytes, or damaged ones, which these replace. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * The bytes of an artifact; null if there are none under its key.
   * @throws ArtifactDamaged if they are not the bytes that were stored
   */
  get(artifact: Artifact): Promise<Uint8Array | null>;
  /**
   * An address from which anybody can read it for at least `seconds`; null if there is none. What is there is not
   * verified.
   * @throws RangeError for a held-out file, which never has one
   */
  urlOf(key: string, seconds: number): Promise<string | null>;
  /**
   * An address to which somebody else can PUT an artifact of so many bytes for at least `seconds`, and with which headers;
   * null if there is none. What is there afterwards is not verified, except by stores that know checksums.
   * @throws RangeError for a held-out file
   */
  uploadTo(artifact: Artifact, bytes: number, seconds: number): Promise<Upload | null>;
  /** How many bytes are stored under a key; null if none are. */
  sizeOf(key: string): Promise<number | null>;
}

/** Where to send a file, and the headers to send it with. */
export interface Upload {
  url: string;
  headers: Record<string, string>;
}

/** What is stored under a key is not what was put there. */
export class ArtifactDamaged extends Error {
  override name = "ArtifactDamaged";
  /** The SHA-256 of the bytes that are there. */
  readonly found: string;
  /** @param bytes those that are there */
  constructor(
    { key, hash }: Artifact,
    readonly bytes: Uint8Array,
  ) {
    const found = sha256(bytes);
    super(`${key}: expected a file with SHA-256 ${hash}, found ${found}`);
    this.found = found;
  }
}

/** Path segments of lower-case letters, digits, `.`, `_` and `-`; none begins with a dot. */
const keyPattern = /^[a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/;

function requireKey(key: string): void {
  if (key.length > 256 || !keyPattern.test(key))
    throw new RangeError(`artifact key: expected segments of a-z 0-9 . _ - joined by /, found ${JSON.stringify(key)}`);
}

/** The keys of held-out files begin with it. */
export const heldOutPrefix = "held-out/";

function requirePublic(key: string): void {
  requireKey(key);
  if (key.startsWith(heldOutPrefix)) throw new RangeError("artifact key: a held-out file has no address");
}

function intact(artifact: Artifact, bytes: Uint8Array | null): Uint8Array | null {
  if (bytes && sha256(bytes) !== artifact.hash) throw new ArtifactDamaged(artifact, bytes);
  return bytes;
}

/**
 * A store in `folder`. Writes are atomic.
 * @param options.shared false where other instances may have folders of their own
 */
export function folderStore(folder: string, { shared = true }: { shared?: boolean } = {}): ArtifactStore {
  const file = (key: string): string => {
    requireKey(key);
    return path.join(/* turbopackIgnore: true */ folder, key);
  };
  return {
    shared,
    async put(key, bytes) {
      const target = file(key);
      const partial = `${target}.${randomUUID()}.partial`;
      const write = () => writeFile(partial, bytes, { flush: true });
      try {
        await write().catch(async (error: NodeJS.ErrnoException) => {
          if (error.code !== "ENOENT") throw error;
          await mkdir(path.dirname(target), { recursive: true });
          await write();
        });
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
      return intact(artifact, bytes);
    },
    async urlOf(key) {
      requirePublic(key);
      return null;
    },
    async uploadTo({ key }) {
      requirePublic(key);
      return null;
    },
    sizeOf: (key) =>
      stat(file(key)).then(
        ({ size }) => size,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT") return null;
          throw error;
        },
      ),
  };
}

/** A store in a bucket. A file that is there is not replaced, unless it was damaged. */
export const bucketStore = (bucket: Bucket): ArtifactStore => ({
  shared: true,
  async put(key, bytes) {
    requireKey(key);
    if (await bucket.add(key, bytes)) return;
    const present = await bucket.read(key);
    if (!present || sha256(present) !== sha256(bytes)) await bucket.replace(key, bytes);
  },
  async get(artifact) {
    requireKey(artifact.key);
    return intact(artifact, await bucket.read(artifact.key));
  },
  async urlOf(key, seconds) {
    requirePublic(key);
    return bucket.urlOf(key, seconds);
  },
  async uploadTo({ key, hash }, bytes, seconds) {
    requirePublic(key);
    return bucket.uploadTo(key, { sha256: hash, bytes, seconds });
  },
  async sizeOf(key) {
    requireKey(key);
    return bucket.sizeOf(key);
  },
});

/** What a reader waits for a file: a bucket is asked again for longer than that before it counts as away. */
const readerMs = 5000;

/** The bytes of an artifact; null if they are missing, damaged or can't be read within 5 s, which is logged. */
export async function getIntact(store: ArtifactStore, artifact: Artifact): Promise<Uint8Array | null> {
  const read = store.get(artifact).then(
    (bytes) => bytes ?? `${artifact.key}: the file is gone`,
    (error: unknown) => {
      if (error instanceof ArtifactDamaged || error instanceof BucketError) return error.message;
      throw error;
    },
  );
  const late = setTimeout(readerMs, `${artifact.key}: not read within ${readerMs / 1000} s`, { ref: false });
  const result = await Promise.race([read, late]);
  if (typeof result !== "string") return result;
  console.error(result);
  return null;
}

/** How long an address that is given out holds, in seconds. */
export const urlSeconds = 3600;

let opened: Bucket | null | undefined;

/** The bucket that the settings name; null if they name none. */
export function siteBucket(): Bucket | null {
  if (opened === undefined) {
    const settings = bucketSettings(env());
    opened = settings && openBucket(settings);
  }
  return opened;
}

/**
 * Checks that a bucket takes and gives files, and says so when it has none: a store that can't would have them all
 * taken for lost.
 * @param origin the site's
 * @returns what to do so that pages of the site may read there; null if they may
 */
export async function requireBucket(store: ArtifactStore, origin: string): Promise<string | null> {
  const bytes = new TextEncoder().encode("DMBench stores its artifacts here.\n");
  const key = `start/${sha256(bytes)}.txt`;
  await store.put(key, bytes);
  if (!(await store.get({ key, hash: sha256(bytes) })))
    throw new BucketError(`DMBENCH_BUCKET: a file that was just stored, ${key}, can't be read. Correct the address.`);
  await store.get({ key: `start/none-${randomUUID()}.txt`, hash: "" });
  const address = await store.urlOf(key, 60);
  const answer = address && (await fetch(address, { headers: { origin }, signal: AbortSignal.timeout(15_000) }));
  return !answer || ["*", origin].includes(answer.headers.get("access-control-allow-origin") ?? "")
    ? null
    : `DMBENCH_BUCKET: the bucket has no CORS rule by which pages of ${origin} may read it. Add one (GET, HEAD), or ` +
        "training and the playground can't load what is stored there.";
}

/** This installation's store. On a database server there may be other instances, with folders of their own. */
export function artifacts(): ArtifactStore {
  const bucket = siteBucket();
  return bucket ? bucketStore(bucket) : folderStore(dataPath("artifacts"), { shared: !env().DATABASE_URL });
}

/**
 * Puts what is in a folder store into another store, and renames the folder to `…-moved-DATE` then.
 * @returns how many files it had
 */
export async function moveArtifacts(folder: string, store: ArtifactStore): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    },
  );
  if (!entries) return 0;
  let moved = 0;
  for (const entry of entries.filter(({ name }) => /\.(safetensors|parquet|json)$/.test(name))) {
    const file = path.join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    const [hash = sha256(bytes)] = /^[0-9a-f]{64}(?=\.)/.exec(entry.name) ?? [];
    if (hash !== sha256(bytes)) continue; // damaged: it must not replace an intact one
    await store.put(path.relative(folder, file).split(path.sep).join("/"), bytes);
    moved += 1;
  }
  await rename(folder, `${folder}-moved-${new Date().toISOString().replace(/\W/g, "")}`);
  return moved;
}

/** SHA-256 in lower-case hexadecimal. */
export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
