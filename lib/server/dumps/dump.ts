/** Writes what a site publishes as a dump: a folder of Parquet files that anybody may have. */
import "server-only";
import { open } from "node:fs/promises";
import path from "node:path";
import type { Writer } from "hyparquet-writer";
import { fileWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import { DMBENCH_VERSION } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import { hashOf } from "../backup/files";
import { writeFolder } from "../backup/new-folder";
import { OperationError } from "../backup/operation-error";
import type { DatabaseSource, OnRows, Table } from "../backup/rows";
import { withSnapshot } from "../backup/rows";
import type { Manifest } from "./manifest";
import { dumpVersion, fileOf, LogTree, manifestName } from "./manifest";
import type { Row } from "./published";
import { publicTables, publishedColumns, undecided } from "./published";
import type { Text } from "./values";
import { parquetType, parquetValue } from "./values";

/** Rows that a reader has in memory at once. */
const rowGroup = 2000;

/**
 * Writes a file of a dump: `fill` gives its bytes to a writer, and finishes it.
 * @returns what was written
 */
type WriteFile = (name: string, fill: (writer: Writer) => Promise<void>) => Promise<{ bytes: number; sha256: string }>;

/**
 * Writes a dump of one consistent state of the database into a new folder.
 * @throws OperationError if `folder` has anything in it, or if nobody decided whether a column is public
 */
export const dump = (db: PrismaClient, folder: string, options: { onRows?: OnRows } = {}): Promise<Manifest> =>
  writeFolder(folder, { what: "dump", mode: 0o755 }, (partial) =>
    writeDump(
      db,
      async (name, fill) => {
        const file = path.join(partial, name);
        await fill(fileWriter(file));
        return hashed(file);
      },
      options,
    ),
  );

/**
 * Writes the files of a dump, the manifest last.
 * @throws OperationError if nobody decided whether a column is public
 */
export async function writeDump(
  db: PrismaClient,
  write: WriteFile,
  { onRows }: { onRows?: OnRows } = {},
): Promise<Manifest> {
  const written = await withSnapshot({ client: db }, async (source) => {
    const left = undecided(source.tables);
    if (left.length > 0)
      throw new OperationError(
        `The database has other tables or columns than this version publishes or withholds: ${left.join(", ")}. ` +
          "Decide on each in lib/server/dumps/published.ts.",
      );
    const log = new LogTree();
    const tables: Manifest["tables"] = [];
    for (const name of Object.keys(publicTables)) {
      const table = source.tables.find((present) => present.name === name)!;
      const each = name === "log_entry" ? (row: Row) => log.add(row) : undefined;
      let rows = 0;
      const file = await write(fileOf(name), async (writer) => {
        rows = await writeTable(source, table, writer, { onRows, each });
      });
      tables.push({ name, rows, ...file });
    }
    return { migration: source.migrations.at(-1)!, log: log.summary(), tables };
  });
  const manifest: Manifest = {
    format: "dmbench-dump",
    version: dumpVersion,
    software: DMBENCH_VERSION,
    createdAt: new Date().toISOString(),
    ...written,
  };
  await write(manifestName, async (writer) => {
    writer.appendBytes(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
    await writer.finish();
  });
  return manifest;
}

/** Writes a table's published rows and columns. @returns how many rows */
async function writeTable(
  source: DatabaseSource,
  table: Table,
  writer: Writer,
  { onRows, each }: { onRows: OnRows | undefined; each: ((row: Row) => void) | undefined },
): Promise<number> {
  const columns = publishedColumns(table);
  const columnsOf = (rows: readonly Row[]) =>
    columns.map(({ name, type, value }) => ({
      name,
      type: parquetType(type),
      nullable: true,
      data: rows.map((row) => parquetValue(type, value(row[name]!))),
    }));
  const parquet = new ParquetWriter({
    writer,
    schema: schemaFromColumnData({ columnData: columnsOf([]) }),
    createdBy: `dmbench ${DMBENCH_VERSION}`,
  });
  const lines = source.rows(
    { ...table, columns: Object.fromEntries(columns.map(({ name, type }) => [name, type])) },
    {
      where: publicTables[table.name]!.where ?? "true",
      values: Object.fromEntries(columns.map(({ name, sql }) => [name, sql])),
    },
  );
  let count = 0;
  let rows: Record<string, Text>[] = [];
  const flush = async () => {
    if (rows.length > 0) await parquet.write({ columnData: columnsOf(rows), rowGroupSize: rowGroup });
    rows = [];
  };
  for await (const line of lines) {
    const row = JSON.parse(line) as Record<string, Text>;
    each?.(row);
    rows.push(row);
    count += 1;
    onRows?.(table.name, count);
    if (rows.length === rowGroup) await flush();
  }
  await flush();
  await parquet.finish();
  return count;
}

/** Writes a file through to the disk, and reads it back. */
async function hashed(file: string): Promise<{ bytes: number; sha256: string }> {
  const handle = await open(file, "r+");
  await handle.sync().finally(() => handle.close());
  return hashOf(file);
}
