/**
 * Opens the database: PostgreSQL if `DATABASE_URL` names one, else PGlite (PostgreSQL in WebAssembly) in the data
 * folder. One client per process.
 */
import "server-only";
import { mkdirSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { PrismaPGlite } from "pglite-prisma-adapter";
import type { Prisma } from "@/prisma/generated/client";
import { PrismaClient } from "@/prisma/generated/client";
import { dataPath, env } from "../env";
import { lockDatabase } from "./lock";

/** A client, or a transaction of one. */
export type Database = Prisma.TransactionClient;

export interface OpenDatabase {
  client: PrismaClient;
  /** The driver adapter of the client, used by migrations too. */
  adapter: SqlDriverAdapterFactory;
  /** Whether it is PGlite: one connection, used by this process alone. */
  embedded: boolean;
  /** Closes the connections, and an embedded database with them. */
  close: () => Promise<void>;
}

/** Where a database is: the address of a server, or the folder of an embedded one (`memory://` keeps it in memory). */
export type DatabaseLocation = { url: string } | { folder: string };

/** The location that the settings name. */
export function configuredLocation(): DatabaseLocation {
  const { DATABASE_URL } = env();
  return DATABASE_URL ? { url: DATABASE_URL } : { folder: dataPath("db") };
}

/**
 * Opens a database; `migrate` brings its tables up to date.
 * @throws DatabaseInUse if another process has the folder open
 */
export function openDatabase(location: DatabaseLocation): OpenDatabase {
  if ("url" in location) {
    const adapter = new PrismaPg({ connectionString: location.url });
    const client = new PrismaClient({ adapter });
    return { client, adapter, embedded: false, close: () => client.$disconnect() };
  }
  const inMemory = location.folder.startsWith("memory://");
  if (!inMemory) mkdirSync(location.folder, { recursive: true });
  const unlock = inMemory ? () => {} : lockDatabase(location.folder);
  const engine = new PGlite(location.folder);
  const adapter = new PrismaPGlite(engine);
  const client = new PrismaClient({ adapter });
  const close = async (): Promise<void> => {
    await client.$disconnect();
    await engine.close();
    unlock();
  };
  return { client, adapter, embedded: true, close };
}

// On globalThis: a server has several copies of this module, one per bundle.
const shared = globalThis as typeof globalThis & { dmbenchDatabase?: OpenDatabase };

const opened = (): OpenDatabase => (shared.dmbenchDatabase ??= openDatabase(configuredLocation()));

/** This process's database, opened on first use. */
export const database = (): PrismaClient => opened().client;

/** Whether this process alone can use the database. */
export const isEmbedded = (): boolean => opened().embedded;
