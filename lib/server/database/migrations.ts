/** Which migrations there are: those of this version, and those that a database has. */
import "server-only";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import type { Database } from "./client";

export const migrationsFolder = path.resolve(/* turbopackIgnore: true */ "prisma/migrations");

let known: readonly string[] | undefined;

/** The names of this version's migrations, oldest first. */
export const knownMigrations = (): readonly string[] =>
  (known ??= readdirSync(migrationsFolder)
    .sort()
    .filter((name) => statSync(path.join(/* turbopackIgnore: true */ migrationsFolder, name)).isDirectory()));

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

/** How a database differs from this version. */
export interface MigrationGap {
  /** This version's migrations that the database lacks. */
  pending: string[];
  /** Migrations of another version that the database has. */
  unknown: string[];
}

export async function migrationGap(db: Database): Promise<MigrationGap> {
  const applied = await appliedMigrations(db);
  return {
    pending: knownMigrations().filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !knownMigrations().includes(name)),
  };
}
