/** Fills a site with another one's dump: the same boards, the same log. */
import "server-only";
import path from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { hashOf } from "../backup/files";
import { OperationError } from "../backup/operation-error";
import type { FillOptions, RowSource, Table } from "../backup/rows";
import { fill, withSnapshot } from "../backup/rows";
import type { OpenDatabase } from "../database/client";
import { knownMigrations } from "../database/migrations";
import type { Manifest } from "./manifest";
import { fileOf, LogTree, readManifest } from "./manifest";
import type { Row } from "./published";
import { publicTables, publishedColumns, ticketIdOf } from "./published";
import type { Text, Value } from "./values";
import { postgresText } from "./values";

/**
 * Imports a dump, all of it or nothing: every file is compared with its SHA-256 and the log with the root of its tree
 * before a row is stored. Closed boards are stored as the dump shows them, since the runs that they are made of are held
 * out; Open ones with their runs. Nobody can sign in as an account of the dump.
 * @param open opens the database to fill, with tables of this version, which the caller closes; called once the dump's
 *   files are known to be whole
 * @throws OperationError if the database has rows and `replace` is false, or the dump was changed or is of another version
 */
export async function importDump(
  folder: string,
  open: () => Promise<Pick<OpenDatabase, "client">>,
  options: Pick<FillOptions, "onRows" | "replace" | "staged"> = {},
): Promise<Manifest> {
  const manifest = await readManifest(folder);
  const last = knownMigrations().at(-1)!;
  if (manifest.migration !== last)
    throw new OperationError(
      `The dump is of DMBench ${manifest.software}: expected its last migration to be ${last}, found ` +
        `${manifest.migration}. Import it with that version; then install this one.`,
    );
  for (const { name, bytes, sha256 } of manifest.tables) {
    const found = await hashOf(path.join(folder, fileOf(name))).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (found?.sha256 === sha256 && found.bytes === bytes) continue;
    throw new OperationError(
      `${fileOf(name)}: expected ${bytes} bytes of SHA-256 ${sha256}, found ` +
        `${found ? `${found.bytes} bytes of ${found.sha256}` : "no such file"}. Nothing was stored; fetch the dump again.`,
    );
  }
  const missing = Object.keys(publicTables).filter((name) => !manifest.tables.some((table) => table.name === name));
  if (missing.length > 0)
    throw new OperationError(`manifest.json: expected every table, found none named ${missing.join(", ")}.`);
  const target = await open();
  const tables = await withSnapshot(target, async (source) => source.tables);
  const { source, log } = await sourceOf(folder, tables, manifest);
  if (log.root !== manifest.log.root || log.entries !== manifest.log.entries)
    throw new OperationError(
      `The log: expected ${manifest.log.entries} entries of the Merkle root ${manifest.log.root}, found ` +
        `${log.entries} of ${log.root}. Nothing was stored; fetch the dump again.`,
    );
  await fill(target, source, { ...options, readBack: false });
  return manifest;
}

async function sourceOf(
  folder: string,
  tables: readonly Table[],
  { createdAt }: Manifest,
): Promise<{ source: Omit<RowSource, "migrations">; log: Manifest["log"] }> {
  const table = (name: string) => tables.find((present) => present.name === name)!;
  const read = (name: string) => readTable(path.join(folder, fileOf(name)), table(name));
  const tree = new LogTree();
  let lastId = 0n;
  for await (const row of read("log_entry")) {
    tree.add(row);
    if (BigInt(row.id!) > lastId) lastId = BigInt(row.id!);
  }
  return {
    log: tree.summary(),
    source: {
      tables: tables.map((present) =>
        present.name === "log_entry" ? { ...present, sequences: { id: String(lastId) } } : present,
      ),
      async *rows({ name, columns }) {
        if (name === "imported_dump") yield JSON.stringify({ created_at: createdAt });
        if (name === "ticket") yield* ticketsOf(read("run"), columns);
        const decided = publicTables[name];
        if (!decided) return;
        for await (const row of read(name)) {
          if (decided.isImported?.(row) === false) continue;
          const values = Object.keys(columns).map((column) => {
            const decision = decided.columns[column]!;
            if (!("instead" in decision)) return [column, row[column]!] as const;
            const { instead } = decision;
            return [column, typeof instead === "function" ? instead(row) : instead] as const;
          });
          yield JSON.stringify(Object.fromEntries(values));
        }
      },
    },
  };
}

/** A table's rows as PostgreSQL's text, with derived columns. */
async function* readTable(path: string, table: Table): AsyncGenerator<Row> {
  const columns = publishedColumns(table);
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const rows = (await parquetReadObjects({ file, metadata, rowStart, rowEnd, utf8: false })) as Record<
      string,
      Value
    >[];
    for (const row of rows)
      yield Object.fromEntries(columns.map(({ name, type }) => [name, postgresText(type, row[name] ?? null)]));
    rowStart = rowEnd;
  }
}

/** A ticket for each seed that a board gave out and a run has: whose it was, and its id, are not told. */
async function* ticketsOf(runs: AsyncIterable<Row>, columns: Table["columns"]): AsyncGenerator<string> {
  const tickets = new Map<string, Record<string, Text>>();
  const numbers = new Map<string, number>();
  for await (const run of runs) {
    const id = ticketIdOf(run);
    if (id === null || tickets.has(id)) continue;
    const { benchmark_id, seed, created_at } = run;
    const number = 1 + (numbers.get(benchmark_id!) ?? 0);
    numbers.set(benchmark_id!, number);
    const dates = { created_at: created_at!, expires_at: created_at!, reported_at: created_at! };
    tickets.set(id, { id, benchmark_id: benchmark_id!, number: String(number), seed: seed!, user_id: null, ...dates });
  }
  for (const [, ticket] of [...tickets].sort(([a], [b]) => (a < b ? -1 : 1)))
    yield JSON.stringify(Object.fromEntries(Object.keys(columns).map((column) => [column, ticket[column]!])));
}
