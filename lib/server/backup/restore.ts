/** Fills an empty installation from a backup; or a PostgreSQL server from this installation's embedded database. */
import "server-only";
import { createReadStream, existsSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { ArtifactStore } from "../artifacts";
import type { OpenDatabase } from "../database/client";
import { migrate } from "../database/migrate";
import { appliedMigrations, knownMigrations } from "../database/migrations";
import type { Place, Report } from "./backup";
import { openExisting, openUnused } from "./backup";
import { copyFile } from "./files";
import type { Manifest } from "./format";
import { keptFiles, readManifest } from "./format";
import { OperationError } from "./operation-error";
import type { Content, FillOptions, RowSource } from "./rows";
import { counted, fill, withSnapshot } from "./rows";

/**
 * Restores a backup: every row and file is compared with its SHA-256 before anything counts.
 * @param replace removes the database's rows first, and moves the files that are there aside
 * @throws OperationError if the installation has anything and `replace` is false, or the backup is damaged, or of a
 *   later version than this one
 */
export async function restore(
  folder: string,
  place: Place,
  { replace = false, ...report }: Report & { replace?: boolean } = {},
): Promise<Manifest> {
  const manifest = await readManifest(folder);
  const known = knownMigrations();
  const unknown = manifest.migrations.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new OperationError(
      `The backup is of a later version (${manifest.software}; ${unknown.join(", ")}). Install that one, then restore.`,
    );
  const present = keptFiles.filter((name) => existsSync(path.join(place.dataFolder, name)));
  if (present.length > 0 && !replace)
    throw new OperationError(
      `${place.dataFolder} is not empty: it has ${present.join(", ")}. Restore into an empty folder ` +
        "(DMBENCH_DATA_DIR), or with --replace, which moves them aside.",
    );
  const target = openUnused(place.database, "restore");
  const partial = path.join(place.dataFolder, "restore.partial");
  const clean = () => rmSync(partial, { recursive: true, force: true });
  process.once("exit", clean);
  try {
    clean();
    await mkdir(partial, { recursive: true });
    for (const [i, file] of manifest.files.entries()) {
      const copied = await copyFile(file.path, path.join(folder, "files"), partial).catch(unreadable(file.path));
      if (copied.sha256 !== file.sha256) throw damaged(`files/${file.path}`);
      report.onFiles?.(i + 1, manifest.files.length);
    }
    const beforeCommit = async () => {
      if (place.bucket) await upload(manifest, partial, place.bucket);
      await moveIn(partial, place.dataFolder);
    };
    await fillAnyVersion(target, rowsIn(folder, manifest), { replace, onRows: report.onRows, beforeCommit });
    return manifest;
  } finally {
    process.off("exit", clean);
    clean();
    await target.close();
  }
}

/**
 * Copies this installation's embedded database into an empty PostgreSQL server's; files stay where they are.
 * @returns the rows of each table
 */
export async function move(from: Place, url: string, report: Report = {}): Promise<Map<string, Content>> {
  if (!("folder" in from.database))
    throw new OperationError(
      "DATABASE_URL is set: this site is on PostgreSQL already. Unset it to move from .data/db.",
    );
  const source = openExisting(from.database, "move");
  const target = openUnused({ url }, "move");
  try {
    return await withSnapshot(source, (rows) => fillAnyVersion(target, rows, { onRows: report.onRows }));
  } finally {
    await target.close();
    await source.close();
  }
}

/** @throws OperationError from its rows, at the end of a table whose file is not the one that was written */
const rowsIn = (folder: string, { migrations, tables }: Manifest): RowSource => ({
  migrations,
  tables,
  async *rows({ name }) {
    const file = path.join(folder, "tables", `${name}.ndjson`);
    if (!existsSync(file)) throw damaged(`tables/${name}.ndjson`);
    const expected = tables.find((table) => table.name === name)?.sha256;
    yield* counted(linesOf(file), ({ sha256 }) => {
      if (sha256 !== expected) throw damaged(`tables/${name}.ndjson`);
    });
  },
});

/** A file's lines. Not readline's, which also end at U+2028. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const text of createReadStream(file, "utf8") as AsyncIterable<string>) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest) yield rest;
}

/** Puts the restored artifacts into a bucket instead of their folder. What the bucket has besides stays. */
async function upload({ files }: Manifest, partial: string, bucket: ArtifactStore): Promise<void> {
  const folder = "artifacts/";
  for (const { path: name } of files)
    if (name.startsWith(folder)) await bucket.put(name.slice(folder.length), await readFile(path.join(partial, name)));
  await rm(path.join(partial, folder), { recursive: true, force: true });
}

/** Moves the restored files to their place, and those that were there into `replaced-DATE` beside it. */
async function moveIn(partial: string, dataFolder: string): Promise<void> {
  const aside = path.join(dataFolder, `replaced-${new Date().toISOString().replace(/\W/g, "")}`);
  for (const name of keptFiles) {
    const place = path.join(dataFolder, name);
    if (!existsSync(place)) continue;
    await mkdir(aside, { recursive: true });
    await rename(place, path.join(aside, name));
  }
  for (const name of await readdir(partial)) await rename(path.join(partial, name), path.join(dataFolder, name));
}

const damaged = (file: string): OperationError =>
  new OperationError(
    `${file} is missing or not the one that was backed up. Nothing was restored; take another backup.`,
  );

function unreadable(file: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error.code === "ENOENT") throw damaged(`files/${file}`);
    throw error;
  };
}

/**
 * Fills a database with rows of an earlier version too, and brings its tables up to date afterwards.
 * @throws OperationError as `fill` does, or if the database has tables of a later version
 */
async function fillAnyVersion(
  target: OpenDatabase,
  source: RowSource,
  options: FillOptions,
): Promise<Map<string, Content>> {
  const later = (await appliedMigrations(target.client)).filter((name) => !source.migrations.includes(name));
  if (later.length > 0)
    throw new OperationError(
      `The database to fill has tables of a later version (${later.join(", ")}). Fill an empty database instead.`,
    );
  await migrate(target, source.migrations);
  const contents = await fill(target, source, options);
  await migrate(target);
  return contents;
}
