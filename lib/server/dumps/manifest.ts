/**
 * A dump: a folder of what a site publishes, for other sites and programs. It is written once and never changed.
 *
 *     manifest.json    what is in it: this schema
 *     NAME.parquet     one table; `jsonb` columns and arrays are text with JSON in it
 *
 * Artifacts (predictions, weights, traces) are not in it; their SHA-256 are.
 */
import "server-only";
import { open } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { describeValue } from "@/lib/records";
import { OperationError } from "../backup/operation-error";
import { canonicalJson } from "../canonical-json";
import { leafHash, MerkleTree } from "./merkle-tree";
import type { Row } from "./published";
import { publicTables } from "./published";
import { dateOf } from "./values";

/** Raised when a dump is written that an earlier version could not import. */
export const dumpVersion = 1;

export const manifestName = "manifest.json";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const countSchema = z.int().nonnegative();

const manifestSchema = z.object({
  format: z.literal("dmbench-dump"),
  version: z.literal(dumpVersion),
  /** The version of DMBench that wrote it. */
  software: z.string(),
  createdAt: z.iso.datetime(),
  /** The last migration that made the tables. */
  migration: z.string().regex(/^\w+$/),
  /** Root of the Merkle tree (RFC 9162) over the log's entries, by id: see `LogTree`. */
  log: z.object({ entries: countSchema, root: sha256Schema }),
  tables: z.array(
    z.object({
      name: z.enum(Object.keys(publicTables)),
      rows: countSchema,
      bytes: countSchema,
      /** Of its file. */
      sha256: sha256Schema,
    }),
  ),
});

export type Manifest = z.infer<typeof manifestSchema>;

export const fileOf = (table: string): string => `${table}.parquet`;

/** Takes rows of the log in any order; the tree has them by id. */
export class LogTree {
  readonly #leaves: { id: bigint; hash: Buffer }[] = [];

  add(row: Row): void {
    this.#leaves.push({ id: BigInt(row.id!), hash: leafHash(logLeaf(row)) });
  }

  summary(): Manifest["log"] {
    const tree = new MerkleTree();
    for (const { hash } of this.#leaves.sort((a, b) => (a.id < b.id ? -1 : 1))) tree.add(hash);
    return { entries: this.#leaves.length, root: tree.root() };
  }
}

/**
 * An entry of the log as the tree has it: canonical JSON, keys sorted, without spaces. Not who acted: a deleted account
 * leaves the log, and the tree must stay as it was.
 */
const logLeaf = ({ id, action, subject, subject_id, detail, created_at }: Row): Uint8Array =>
  Buffer.from(
    canonicalJson({
      id,
      action,
      subject,
      subjectId: subject_id,
      detail: JSON.parse(detail!) as unknown,
      createdAt: dateOf(created_at!).toISOString(),
    }),
  );

/** More than any manifest has. */
export const manifestBytes = 1_000_000;

/** @throws OperationError if the folder is no dump that this version can import */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, manifestName);
  try {
    const handle = await open(file);
    try {
      if ((await handle.stat()).size > manifestBytes)
        throw new OperationError(`${file} has more than ${manifestBytes} bytes, which no dump's has.`);
      return parseManifest(await handle.readFile("utf8"), file);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new OperationError(`${folder} is no dump: ${manifestName} can't be read (${code}).`);
  }
}

/**
 * @param file its path or address, for messages
 * @throws OperationError if it is not that of a dump that this version can import
 */
export function parseManifest(text: string, file: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new OperationError(`${file} is no JSON. The dump was changed since it was written; fetch it again.`);
  }
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version > dumpVersion)
    throw new OperationError(
      `${file}: expected a dump of version ${dumpVersion} or earlier, found ${version}. Install the version of DMBench ` +
        "that wrote it, or a later one.",
    );
  const manifest = manifestSchema.safeParse(json);
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw new OperationError(
    `${file}: ${describeValue(issue?.path.join("."))} is not as a dump's should be: ${issue?.message}. The dump was ` +
      "changed since it was written; fetch it again.",
  );
}
