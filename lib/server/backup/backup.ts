/** Writes a backup of everything that this installation can't make again: rows, artifacts, the secret. */
import "server-only";
import { existsSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import { DMBENCH_VERSION } from "@/lib/records";
import type { ArtifactStore } from "../artifacts";
import { ArtifactDamaged } from "../artifacts";
import type { DatabaseLocation, OpenDatabase } from "../database/client";
import { openDatabase } from "../database/client";
import { DatabaseInUse } from "../database/lock";
import { copyFile, keptFilesOf, writeFile } from "./files";
import type { Manifest } from "./format";
import { backupVersion, keptFiles, manifestName } from "./format";
import { writeFolder } from "./new-folder";
import { OperationError } from "./operation-error";
import type { Content, OnRows, RowSource, Table } from "./rows";
import { counted, withSnapshot } from "./rows";

/** An installation's database, and the folder of its other files. */
export interface Place {
  database: DatabaseLocation;
  dataFolder: string;
  /** Where its artifacts are, if not in the data folder. */
  bucket?: ArtifactStore | null;
}

export interface Report {
  onRows?: OnRows;
  onFiles?: (files: number, of: number) => void;
  onWarning?: (text: string) => void;
}

/**
 * Writes a backup into a new folder, whole or not at all.
 * A PostgreSQL server is read while the site runs, in one snapshot; for an embedded database the site must be stopped.
 * @throws OperationError if `folder` has anything in it, or the embedded database is in use or does not exist
 */
export async function backup(place: Place, folder: string, report: Report = {}): Promise<Manifest> {
  return writeFolder(folder, { what: "backup", mode: 0o700 }, async (partial) => {
    const opened = openExisting(place.database, "back up");
    try {
      await mkdir(path.join(partial, "tables"));
      const recorded = new Map<string, string>();
      const { migrations, tables } = await withSnapshot(opened, async (source) => ({
        migrations: [...source.migrations],
        tables: await writeTables(source, path.join(partial, "tables"), recorded, report.onRows),
      }));
      // After the snapshot: a file is stored before the row that names it, and never changes.
      const copies = path.join(partial, "files");
      const { dataFolder, bucket } = place;
      const files = bucket
        ? [
            ...(await copyArtifacts(bucket, recorded, copies, report)),
            ...(await copyFiles(dataFolder, copies, report, bucketless)),
          ]
        : await copyFiles(dataFolder, copies, report);
      for (const { path: name, sha256 } of files) {
        const expected = recorded.get(name);
        if (expected && expected !== sha256)
          report.onWarning?.(`${name} is damaged: its SHA-256 is not the recorded one. It is kept as it is.`);
        recorded.delete(name);
      }
      for (const name of recorded.keys()) report.onWarning?.(`${name} is missing: a row names it.`);
      const manifest: Manifest = {
        format: "dmbench-backup",
        version: backupVersion,
        software: DMBENCH_VERSION,
        createdAt: new Date().toISOString(),
        migrations,
        tables,
        files,
      };
      await writeWhole(path.join(partial, manifestName), [`${JSON.stringify(manifest, null, 2)}\n`]);
      return manifest;
    } finally {
      await opened.close();
    }
  });
}

/**
 * @param to what needs the database, as in "stop the site to back up"
 * @throws OperationError if an embedded database is in use, or does not exist
 */
export function openExisting(location: DatabaseLocation, to: string): OpenDatabase {
  if ("folder" in location && !existsSync(location.folder))
    throw new OperationError(`There is no database in ${location.folder}. Check DMBENCH_DATA_DIR.`);
  return openUnused(location, to);
}

/** Like `openExisting`, but makes an embedded database that does not exist. */
export function openUnused(location: DatabaseLocation, to: string): OpenDatabase {
  try {
    return openDatabase(location);
  } catch (error) {
    if (!(error instanceof DatabaseInUse) || !("folder" in location)) throw error;
    throw new OperationError(
      `The embedded database in ${location.folder} is open in another process, the site's presumably, and serves one ` +
        `at a time: stop the site to ${to}, then start it again. (On PostgreSQL a backup needs no stop.)`,
    );
  }
}

/** @param recorded receives the SHA-256 of each artifact that a row names, by its path in the data folder */
async function writeTables(
  source: RowSource,
  folder: string,
  recorded: Map<string, string>,
  onRows?: OnRows,
): Promise<Manifest["tables"]> {
  const written: Manifest["tables"] = [];
  for (const table of source.tables) {
    let content: Content | undefined;
    const lines = counted(
      noting(source.rows(table), table, recorded),
      (all) => (content = all),
      (rows) => onRows?.(table.name, rows),
    );
    await writeWhole(path.join(folder, `${table.name}.ndjson`), ended(lines));
    written.push({ ...table, ...content! });
  }
  return written;
}

async function* ended(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

/** What a backup keeps of the data folder where artifacts are in a bucket. */
const bucketless = keptFiles.filter((name) => name !== "artifacts");

/** Requests to a bucket at a time. */
const requests = 8;

/** Copies the artifacts that rows name out of a bucket; one that isn't there is left out. */
async function copyArtifacts(
  bucket: ArtifactStore,
  recorded: ReadonlyMap<string, string>,
  to: string,
  { onFiles }: Report,
): Promise<Manifest["files"]> {
  const copied: Manifest["files"] = [];
  const waiting = [...recorded].sort();
  const copyNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, hash] = next;
      const bytes = await bucket.get({ key: name.slice("artifacts/".length), hash }).catch((error: unknown) => {
        if (error instanceof ArtifactDamaged) return error.bytes;
        throw error;
      });
      if (bytes) copied.push(await writeFile(name, bytes, to));
      onFiles?.(copied.length, recorded.size);
    }
  };
  const lanes = await Promise.allSettled(
    Array.from({ length: requests }, () =>
      copyNext().catch((error: unknown) => {
        waiting.length = 0; // the others end too
        throw error;
      }),
    ),
  );
  for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
  return copied.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function copyFiles(
  from: string,
  to: string,
  { onFiles }: Report,
  kept: readonly string[] = keptFiles,
): Promise<Manifest["files"]> {
  const names = await keptFilesOf(from, kept);
  const copied: Manifest["files"] = [];
  for (const name of names) {
    copied.push(await copyFile(name, from, to));
    onFiles?.(copied.length, names.length);
  }
  return copied;
}

/** A table's lines as they are; on their way, `recorded` receives the artifacts that they name. */
async function* noting(
  lines: AsyncIterable<string>,
  { columns }: Table,
  recorded: Map<string, string>,
): AsyncGenerator<string> {
  // `artifact_key` and `artifact_hash`, `predictions_key` and `predictions_hash` …
  const pairs = Object.keys(columns).flatMap((column) => {
    const hash = column.replace(/_key$/, "_hash");
    return hash !== column && hash in columns ? [[column, hash] as const] : [];
  });
  for await (const line of lines) {
    if (pairs.length > 0) {
      const row = JSON.parse(line) as Record<string, string | null>;
      for (const [key, hash] of pairs) if (row[key] && row[hash]) recorded.set(`artifacts/${row[key]}`, row[hash]);
    }
    yield line;
  }
}

/** Writes a file through to the disk. */
async function writeWhole(file: string, pieces: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const handle = await open(file, "wx");
  try {
    let waiting = "";
    for await (const piece of pieces) {
      waiting += piece;
      if (waiting.length < 1 << 20) continue;
      await handle.writeFile(waiting);
      waiting = "";
    }
    await handle.writeFile(waiting);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
