/**
 * A backup: a folder of plain files that other programs can read.
 *
 *     backup.json             what is in it: this schema
 *     tables/NAME.ndjson      one JSON object a row: each column's value as PostgreSQL writes it, or null
 *     files/artifacts/…       predictions, weights and traces, under their keys
 *     files/trajectories/…    reference runs that `dmbench trajectory` wrote
 *     files/session-secret    signs sessions; absent where NEXTAUTH_SECRET is set
 *
 * Data sets are not in it: they are downloaded again. Nor are settings.
 */
import "server-only";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { describeValue } from "@/lib/records";
import { OperationError } from "./operation-error";

/** Raised when a backup is written that an earlier version could not restore. */
export const backupVersion = 1;

export const manifestName = "backup.json";

/** What a backup keeps of the data folder. */
export const keptFiles = ["artifacts", "trajectories", "session-secret"] as const;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const countSchema = z.int().nonnegative();
const nameSchema = z.string().regex(/^[a-z_][a-z0-9_]*$/);

const manifestSchema = z.object({
  format: z.literal("dmbench-backup"),
  version: z.literal(backupVersion),
  /** The version of DMBench that wrote it. */
  software: z.string(),
  createdAt: z.iso.datetime(),
  /** The migrations that made the tables, oldest first. */
  migrations: z.array(z.string().regex(/^\w+$/)),
  tables: z.array(
    z.object({
      name: nameSchema,
      /** Name → PostgreSQL's type. */
      columns: z.record(nameSchema, z.string().regex(/^["\w]+(\([\d,]+\))?( [a-z ]+)?(\[\])?$/)),
      /** The last number that each sequence gave, by its column. */
      sequences: z.record(nameSchema, z.string().regex(/^\d+$/)),
      rows: countSchema,
      /** Of its file. */
      sha256: sha256Schema,
    }),
  ),
  /** Path under `files`, with `/`. */
  files: z.array(
    z.object({
      path: z.string().regex(/^(?!.*(^|\/)\.)[\w.-]+(\/[\w.-]+)*$/),
      bytes: countSchema,
      sha256: sha256Schema,
    }),
  ),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** @throws OperationError if the folder is no backup that this version can restore */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, manifestName);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new OperationError(`${folder} is no backup: ${manifestName} can't be read (${error.code}).`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new OperationError(`${file} is no JSON. The backup was changed since it was written; take another.`);
  }
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version > backupVersion)
    throw new OperationError(
      `${file}: this version of DMBench reads backups up to version ${backupVersion}, and this one is of version ` +
        `${version}. Install the version that wrote it, or a later one.`,
    );
  const manifest = manifestSchema.safeParse(json);
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw new OperationError(`${file} is not as a backup's should be: ${describeValue(issue?.path.join("."))} is wrong.`);
}
