/**
 * Writes and applies migrations in Prisma's folder format, with Prisma's schema engine in WebAssembly on the site's own
 * driver adapters: no binary to download, and the same on PGlite and on a server.
 */
import "server-only";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { SqlDriverAdapterFactory, SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaEngine, SchemasContainer } from "@prisma/schema-engine-wasm/schema_engine_bg";
import * as engineBindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import { PrismaPGlite } from "pglite-prisma-adapter";
import type { Database, OpenDatabase } from "./client";

const schemaFile = path.resolve("prisma/schema.prisma");
const migrationsFolder = path.resolve("prisma/migrations");
const noFilter = { externalTables: [], externalEnums: [] };

/**
 * Applies pending migrations; several processes may do so at once.
 * @param names those to apply, of all known ones
 * @returns the names of those that were applied
 * @throws Error if a migration fails
 */
export async function migrate(
  { client, adapter, embedded }: OpenDatabase,
  names: readonly string[] = knownMigrations(),
): Promise<string[]> {
  const applied = new Set(await appliedMigrations(client)); // checked first, since starting the engine takes seconds
  if (names.every((name) => applied.has(name))) return [];
  const applyPending = async (): Promise<string[]> => {
    const engine = await schemaEngine(adapter);
    return (await engine.applyMigrations({ migrationsList: migrations(names), filters: noFilter }))
      .appliedMigrationNames;
  };
  if (embedded) return applyPending();
  // One process at a time on a server: the others wait, then find nothing to do.
  return client.$transaction(
    async (tx) => {
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(7265746)::text`;
      return applyPending();
    },
    { maxWait: 60_000, timeout: 600_000 },
  );
}

/** The names of the migrations that a database has, oldest first. */
export async function appliedMigrations(db: Database): Promise<string[]> {
  const [table] = await db.$queryRaw<
    { exists: boolean }[]
  >`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`;
  if (!table?.exists) return [];
  const applied = await db.$queryRaw<{ name: string }[]>`
    SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL
    ORDER BY migration_name COLLATE "C"`;
  return applied.map(({ name }) => name);
}

/** The SQL that the migrations lack to match the schema; empty if they agree. */
export async function pendingChange(): Promise<string> {
  const engine = await schemaEngine(new PrismaPGlite(new PGlite()));
  const { stdout } = await engine.diff({
    from: { tag: "migrations", ...migrations() },
    to: { tag: "schemaDatamodel", ...schema() },
    script: true,
    exitCode: null,
    filters: noFilter,
  });
  return stdout?.includes("This is an empty migration") ? "" : (stdout ?? "");
}

/**
 * Writes the migration for a change of the schema.
 * @param name what it does, in `snake_case`
 * @returns its folder, or null if the schema has not changed
 */
export async function createMigration(name: string): Promise<string | null> {
  const script = await pendingChange();
  if (!script) return null;
  const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const folder = path.join(migrationsFolder, `${stamp}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "migration.sql"), script);
  return folder;
}

const schema = (): SchemasContainer => ({ files: [{ path: schemaFile, content: readFileSync(schemaFile, "utf8") }] });

/** The names of this version's migrations, oldest first. */
export const knownMigrations = (): string[] =>
  readdirSync(migrationsFolder)
    .sort()
    .filter((name) => statSync(path.join(migrationsFolder, name)).isDirectory());

function migrations(names: readonly string[] = knownMigrations()): MigrationList {
  const lock = "migration_lock.toml"; // names the dialect
  return {
    baseDir: migrationsFolder,
    lockfile: { path: lock, content: readFileSync(path.join(migrationsFolder, lock), "utf8") },
    shadowDbInitScript: "",
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok", value: readFileSync(path.join(migrationsFolder, name, "migration.sql"), "utf8") },
      },
    })),
  };
}

async function schemaEngine(adapter: SqlDriverAdapterFactory): Promise<SchemaEngine> {
  instantiated ??= instantiate();
  await instantiated;
  const aware: SqlMigrationAwareDriverAdapterFactory = {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    connect: () => adapter.connect(),
    // Only `pendingChange` needs a shadow database to replay migrations in; its own database is empty anyway.
    connectToShadowDb: () => adapter.connect(),
  };
  const { path: name, content } = schema().files[0]!;
  return engineBindings.SchemaEngine.new(
    { datamodels: [[name, content]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(aware),
  );
}

let instantiated: Promise<void> | undefined;

async function instantiate(): Promise<void> {
  const file = path.resolve("node_modules/@prisma/schema-engine-wasm/schema_engine_bg.wasm");
  const bindings = engineBindings as unknown as WebAssembly.ModuleImports & {
    __wbg_set_wasm: (exports: WebAssembly.Exports) => void;
  };
  const { instance } = await WebAssembly.instantiate(readFileSync(file), { "./schema_engine_bg.js": bindings });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
}
