/**
 * The database: PostgreSQL where `DATABASE_URL` names one, else PGlite
 * (PostgreSQL in WebAssembly) in the data folder. One client per process.
 */
import "server-only";
import { mkdirSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import type { SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaPGlite } from "pglite-prisma-adapter";
import { PrismaClient } from "@/prisma/generated/client";
import type { Prisma } from "@/prisma/generated/client";
import { lockDatabase } from "./database-lock";
import { dataPath, env } from "./env";

/** A client, or a transaction of one. */
export type Database = Prisma.TransactionClient;

export interface OpenDatabase {
  client: PrismaClient;
  /** Closes connections, and the embedded database with them. */
  close: () => Promise<void>;
}

/** Where a database is: a server's address, or a folder of the embedded one (`memory://` for none). */
export type DatabaseLocation = { url: string } | { folder: string };

/** The location that the settings name. */
export function configuredLocation(): DatabaseLocation {
  const { DATABASE_URL } = env();
  return DATABASE_URL ? { url: DATABASE_URL } : { folder: dataPath("db") };
}

/** A driver adapter for `location`, and what closes it. @throws DatabaseInUse where another process has the folder open */
export function connect(location: DatabaseLocation): { adapter: SqlDriverAdapterFactory; close: () => Promise<void> } {
  if ("url" in location) return { adapter: new PrismaPg({ connectionString: location.url }), close: async () => {} };
  const inMemory = location.folder.startsWith("memory://");
  if (!inMemory) mkdirSync(location.folder, { recursive: true });
  const unlock = inMemory ? () => {} : lockDatabase(location.folder);
  const embedded = new PGlite(location.folder);
  return {
    adapter: new PrismaPGlite(embedded),
    close: async () => {
      await embedded.close();
      unlock();
    },
  };
}

/** Opens a database whose schema is up to date: see `migrate`. */
export function openDatabase(location: DatabaseLocation): OpenDatabase {
  const { adapter, close } = connect(location);
  const client = new PrismaClient({ adapter });
  return {
    client,
    close: async () => {
      await client.$disconnect();
      await close();
    },
  };
}

// On globalThis: a server keeps several copies of this module, one per bundle.
const shared = globalThis as typeof globalThis & { dmbenchDatabase?: OpenDatabase };

/** This process's database, opened on first use. */
export const database = (): PrismaClient => (shared.dmbenchDatabase ??= openDatabase(configuredLocation())).client;
