/**
 * Writes and applies migrations in Prisma's folder format, with Prisma's schema engine in WebAssembly on the site's own
 * driver adapters: no binary to download, and the same on PGlite and on a server.
 */
import "server-only";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaEngine, SchemasContainer } from "@prisma/schema-engine-wasm/schema_engine_bg";
import * as engineBindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import type { OpenDatabase } from "./client";
import { embeddedAdapter } from "./embedded";
import { appliedMigrations, knownMigrations, migrationsFolder } from "./migrations";
import { withoutLimits } from "./time-limits";

const schemaFile = path.resolve("prisma/schema.prisma");
const noFilter = { externalTables: [], externalEnums: [] };

/**
 * Applies pending migrations, all in one transaction: if it is interrupted or fails, none is applied. Several processes
 * may call it at once: the others wait, then find nothing to do.
 * @param names those to apply, of all known ones
 * @returns the names of those that were applied
 * @throws Error if a migration fails
 */
export async function migrate(
  { client, connect }: OpenDatabase,
  names: readonly string[] = knownMigrations(),
): Promise<string[]> {
  const applied = new Set(await appliedMigrations(client)); // checked first, since starting the engine takes seconds
  if (names.every((name) => applied.has(name))) return [];
  const connection = await connect();
  try {
    await connection.executeScript(["BEGIN", ...withoutLimits, "SELECT pg_advisory_xact_lock(7265746)"].join("; "));
    const engine = await schemaEngine(connection);
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: migrations(names),
      filters: noFilter,
    });
    await connection.executeScript("COMMIT");
    return appliedMigrationNames;
  } catch (error) {
    await connection.executeScript("ROLLBACK").catch(() => {}); // the connection may be what failed
    throw error;
  } finally {
    await connection.dispose();
  }
}

/** The SQL that the migrations lack to match the schema; empty if they agree. */
export async function pendingChange(): Promise<string> {
  const engine = await schemaEngine(await embeddedAdapter("memory://").adapter.connect());
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

/** Prisma's schema engine on one connection, which the caller disposes. */
async function schemaEngine(connection: SqlDriverAdapter): Promise<SchemaEngine> {
  instantiated ??= instantiate();
  await instantiated;
  const { provider, adapterName } = connection;
  const connect = async () => Object.assign(Object.create(connection) as SqlDriverAdapter, { dispose: async () => {} });
  // Only `pendingChange` needs a shadow database to replay migrations in; its own database is empty anyway.
  const aware: SqlMigrationAwareDriverAdapterFactory = { provider, adapterName, connect, connectToShadowDb: connect };
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
