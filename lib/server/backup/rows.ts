/**
 * A database's rows as lines of text that any PostgreSQL reads back exactly: one JSON object a row, each column's value
 * as PostgreSQL itself writes it (`float8` to the last bit, time in UTC), or null.
 */
import "server-only";
import { createHash } from "node:crypto";
import type { Prisma } from "@/prisma/generated/client";
import type { OpenDatabase } from "../database/client";
import { appliedMigrations } from "../database/migrations";
import { withoutLimits } from "../database/time-limits";
import { OperationError } from "./operation-error";

export interface Table {
  name: string;
  /** Name → PostgreSQL's type. */
  columns: Record<string, string>;
  /** The last number that each sequence gave, by its column. */
  sequences: Record<string, string>;
}

/** Where rows come from: a database, or a folder. */
export interface RowSource {
  /** Names of the migrations that made its tables, oldest first. */
  migrations: readonly string[];
  tables: readonly Table[];
  /** Lines of a table, always in the same order. */
  rows(table: Table): AsyncIterable<string>;
}

/** A database, of which parts of rows can be read too. */
export interface DatabaseSource extends RowSource {
  rows(table: Table, selection?: Selection): AsyncIterable<string>;
}

/** A part of a table, and what stands in its columns, as SQL. */
export interface Selection {
  where: string;
  /** By column; the table need not have it. */
  values: Readonly<Record<string, string>>;
}

/** What was read or written, to be compared. */
export interface Content {
  rows: number;
  /** Of the lines, each ended by a newline. */
  sha256: string;
}

/** Called after each row, with the number of the table's rows so far. */
export type OnRows = (table: string, rows: number) => void;

export interface FillOptions {
  /** Whether rows that are there are removed. */
  replace?: boolean;
  /**
   * Whether rows are written beside the tables first, which can be read until all of them have come. Takes longer, and
   * has no use in an embedded database, which does one thing at a time. Default: false.
   */
  staged?: boolean;
  onRows?: OnRows | undefined;
  /** Whether what was written is read back and compared, for which lines must be as `RowSource` says. Default: true. */
  readBack?: boolean;
  /** Called when all is written and compared, but not yet final. */
  beforeCommit?: () => Promise<void>;
}

type Transaction = Prisma.TransactionClient;

/** In milliseconds; a transaction may take as long as the rows take. */
const oneDay = 86_400_000;

/** Rows read or written at once. */
const fetched = 500;

/** Runs `use` on one consistent state of the database, whatever is written meanwhile. */
export function withSnapshot<Result>(
  { client }: Pick<OpenDatabase, "client">,
  use: (source: DatabaseSource) => Promise<Result>,
): Promise<Result> {
  return client.$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe("SET TRANSACTION READ ONLY");
      await prepare(tx);
      return use({ migrations: await appliedMigrations(tx), tables: await tablesOf(tx), rows: rowsOf(tx) });
    },
    { isolationLevel: "RepeatableRead", timeout: oneDay },
  );
}

/** How values are written in this transaction, whatever the server's defaults are; it may take as long as it takes. */
async function prepare(tx: Transaction): Promise<void> {
  for (const statement of withoutLimits) await tx.$executeRawUnsafe(statement);
  await tx.$queryRaw`
    SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true),
           set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)`;
}

/**
 * Fills a database's tables with rows, all or none.
 * @returns what was written to each table, if it was read back
 * @throws OperationError if they have rows and `replace` is false, or are others than those of `source`, or if what they
 *   hold in the end is not what came
 */
export function fill(
  { client }: Pick<OpenDatabase, "client">,
  source: Omit<RowSource, "migrations">,
  { replace = false, staged = false, onRows, readBack = true, beforeCommit }: FillOptions,
): Promise<Map<string, Content>> {
  return client.$transaction(
    async (tx) => {
      await prepare(tx);
      const tables = await tablesOf(tx);
      checkTables(source.tables, tables);
      for (const { name } of tables)
        if (!replace && (await any(tx, name)))
          throw new OperationError(
            `The database to fill is not empty: it has rows in ${name}. Use an empty one, or --replace to remove them all.`,
          );
      const written = new Map<string, Content>();
      const writeTo = async (target: string, table: Table) => {
        const rows = source.rows(table);
        const lines = readBack ? counted(rows, (content) => written.set(table.name, content)) : rows;
        await write(tx, target, table, lines, onRows);
      };
      const stage = (name: string): string => `incoming_${name}`;
      for (const table of staged ? source.tables : []) {
        const like = `(LIKE ${quoted(table.name)}) ON COMMIT DROP`;
        await tx.$executeRawUnsafe(`CREATE TEMPORARY TABLE ${quoted(stage(table.name))} ${like}`);
        await writeTo(stage(table.name), table);
      }
      const names = tables.map(({ name }) => quoted(name));
      await tx.$executeRawUnsafe(`LOCK TABLE ${names.join(", ")} IN ACCESS EXCLUSIVE MODE`);
      // Some triggers refuse to delete; rows may refer to later ones.
      const keys = await foreignKeys(tx);
      for (const name of names) await tx.$executeRawUnsafe(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
      if (replace) await tx.$executeRawUnsafe(`TRUNCATE ${names.join(", ")}`);
      for (const { table, key } of keys)
        await tx.$executeRawUnsafe(`ALTER TABLE ${table} ALTER CONSTRAINT ${key} DEFERRABLE INITIALLY DEFERRED`);
      for (const table of source.tables) {
        if (staged) await tx.$executeRawUnsafe(copied(stage(table.name), table));
        else await writeTo(table.name, table);
        await setSequences(tx, table);
      }
      await tx.$executeRawUnsafe("SET CONSTRAINTS ALL IMMEDIATE");
      for (const { table, key } of keys)
        await tx.$executeRawUnsafe(`ALTER TABLE ${table} ALTER CONSTRAINT ${key} NOT DEFERRABLE`);
      for (const name of names) await tx.$executeRawUnsafe(`ALTER TABLE ${name} ENABLE TRIGGER USER`);
      if (readBack) for (const table of source.tables) await checkWritten(tx, table, written.get(table.name)!);
      await beforeCommit?.();
      return written;
    },
    { timeout: oneDay },
  );
}

/**
 * Lines as they are, counted and hashed on their way.
 * @param done gets the sums after the last line
 */
export async function* counted(
  lines: AsyncIterable<string>,
  done: (content: Content) => void,
  onRow?: (rows: number) => void,
): AsyncGenerator<string> {
  const hash = createHash("sha256");
  let rows = 0;
  for await (const line of lines) {
    hash.update(line).update("\n");
    rows += 1;
    onRow?.(rows);
    yield line;
  }
  done({ rows, sha256: hash.digest("hex") });
}

async function tablesOf(tx: Transaction): Promise<Table[]> {
  const tables = await tx.$queryRaw<{ name: string; columns: Record<string, string>; sequences: [string, string][] }[]>`
    SELECT class.relname::text AS name,
           json_object_agg(attribute.attname, format_type(attribute.atttypid, attribute.atttypmod)
                           ORDER BY attribute.attnum) AS columns,
           coalesce(json_agg(json_build_array(attribute.attname, sequence.sequencename))
                    FILTER (WHERE sequence.sequencename IS NOT NULL), '[]') AS sequences
    FROM pg_class AS class
    JOIN pg_attribute AS attribute
      ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    LEFT JOIN pg_sequences AS sequence
      ON format('%I.%I', sequence.schemaname, sequence.sequencename)
         = pg_get_serial_sequence(format('%I.%I', current_schema(), class.relname), attribute.attname)
    WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind = 'r'
      AND class.relname <> '_prisma_migrations'
    GROUP BY class.relname ORDER BY class.relname COLLATE "C"`;
  return Promise.all(
    tables.map(async ({ name, columns, sequences }) => ({
      name,
      columns,
      sequences: Object.fromEntries(
        await Promise.all(
          sequences.map(async ([column, sequence]) => {
            const [state] = await tx.$queryRawUnsafe<[{ last: string }]>(
              `SELECT CASE WHEN is_called THEN last_value ELSE 0 END::text AS last FROM ${quoted(sequence)}`,
            );
            return [column, state.last] as const;
          }),
        ),
      ),
    })),
  );
}

/** Reads tables in the order of their keys' text, which is the same on every server, whatever its collation. */
const rowsOf = (tx: Transaction) =>
  async function* ({ name, columns }: Table, selection?: Selection): AsyncGenerator<string> {
    const key = await tx.$queryRawUnsafe<{ name: string }[]>(
      `SELECT attribute.attname::text AS name
       FROM pg_index JOIN pg_attribute AS attribute ON attrelid = indrelid AND attnum = ANY (indkey)
       WHERE indrelid = '${quoted(name).replaceAll("'", "''")}'::regclass AND indisprimary
       ORDER BY array_position(indkey::int2[], attnum)`,
    );
    const order = (key.length > 0 ? key.map((column) => column.name) : Object.keys(columns)).map(
      (column) => `${quoted(column)}::text COLLATE "C"`,
    );
    const values = Object.keys(columns).map((column) => `(${selection?.values[column] ?? quoted(column)})::text`);
    const names = Object.keys(columns).map((column) => `'${column.replaceAll("'", "''")}'`);
    await tx.$executeRawUnsafe(
      `DECLARE lines NO SCROLL CURSOR FOR
       SELECT json_object(ARRAY[${names.join(", ")}], ARRAY[${values.join(", ")}])::text AS line
       FROM ${quoted(name)} WHERE ${selection?.where ?? "true"} ORDER BY ${order.join(", ")}`,
    );
    for (;;) {
      const batch = await tx.$queryRawUnsafe<{ line: string }[]>(`FETCH ${fetched} FROM lines`);
      for (const { line } of batch) yield JSON.stringify(JSON.parse(line)); // without PostgreSQL's spaces
      if (batch.length < fetched) break;
    }
    await tx.$executeRawUnsafe("CLOSE lines");
  };

/** The most characters in one statement, unless a single row has more. */
const batchCharacters = 4_000_000;

/** Writes lines of a table to it, or to another with the same columns. */
async function write(
  tx: Transaction,
  target: string,
  { name, columns }: Table,
  lines: AsyncIterable<string>,
  onRows?: OnRows,
): Promise<void> {
  const names = Object.keys(columns);
  // One reading of the text for all columns.
  const values = names.map((column) => `line.${quoted(column)}::${columns[column]}`);
  const texts = names.map((column) => `${quoted(column)} text`);
  const insert = `INSERT INTO ${quoted(target)} (${names.map(quoted).join(", ")})
    SELECT ${values.join(", ")} FROM json_to_recordset($1::json) AS line (${texts.join(", ")})`;
  let rows = 0;
  let batch: string[] = [];
  let characters = 0;
  let sent: Promise<unknown> = Promise.resolve();
  /** Sends the batch once the last one is stored: the next is read meanwhile. */
  const flush = async () => {
    await sent;
    if (batch.length > 0) sent = tx.$executeRawUnsafe(insert, `[${batch.join(",")}]`);
    sent.catch(() => {}); // it is awaited later
    batch = [];
    characters = 0;
  };
  for await (const line of lines) {
    if (characters + line.length > batchCharacters || batch.length >= fetched) await flush();
    batch.push(line);
    characters += line.length;
    rows += 1;
    onRows?.(name, rows);
  }
  await flush();
  await sent;
}

const copied = (from: string, { name, columns }: Table): string => {
  const names = Object.keys(columns).map(quoted).join(", ");
  return `INSERT INTO ${quoted(name)} (${names}) SELECT ${names} FROM ${quoted(from)}`;
};

async function setSequences(tx: Transaction, { name, sequences }: Table): Promise<void> {
  for (const [column, last] of Object.entries(sequences))
    await tx.$executeRawUnsafe(
      `SELECT setval(pg_get_serial_sequence('${quoted(name)}', '${column}'), greatest($1::bigint, 1), $1::bigint > 0)`,
      last,
    );
}

/** @throws OperationError if a table's rows, read back, are not those that came */
async function checkWritten(tx: Transaction, table: Table, expected: Content): Promise<void> {
  let found: Content | undefined;
  for await (const _ of counted(rowsOf(tx)(table), (content) => (found = content)));
  if (found?.sha256 !== expected.sha256)
    throw new OperationError(
      `Table ${table.name} reads back differently: expected ${expected.rows} rows, SHA-256 ${expected.sha256}, ` +
        `found ${found?.rows}, ${found?.sha256}. Nothing was stored.`,
    );
}

/** @throws OperationError if tables or columns differ */
function checkTables(given: readonly Table[], present: readonly Table[]): void {
  const described = (tables: readonly Table[]) =>
    tables.flatMap(({ name, columns }) => Object.entries(columns).map(([column, type]) => `${name}.${column} ${type}`));
  const [wanted, had] = [described(given), described(present)];
  const differing = [
    ...wanted.filter((column) => !had.includes(column)),
    ...had.filter((column) => !wanted.includes(column)),
  ];
  if (differing.length > 0)
    throw new OperationError(`The tables differ from those of the database to fill: ${differing.join(", ")}.`);
}

const foreignKeys = (tx: Transaction): Promise<{ table: string; key: string }[]> =>
  tx.$queryRaw`
    SELECT format('%I', class.relname) AS "table", format('%I', conname) AS key
    FROM pg_constraint JOIN pg_class AS class ON class.oid = conrelid
    WHERE contype = 'f' AND NOT condeferrable AND connamespace = current_schema()::regnamespace`;

async function any(tx: Transaction, table: string): Promise<boolean> {
  const [found] = await tx.$queryRawUnsafe<[{ any: boolean }]>(`SELECT EXISTS (SELECT FROM ${quoted(table)}) AS any`);
  return found.any;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
