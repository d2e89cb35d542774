/**
 * Opens the database: PostgreSQL if `DATABASE_URL` names one, else PGlite (PostgreSQL in WebAssembly) in the data
 * folder. One client per process.
 */
import "server-only";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import type { SqlDriverAdapter } from "@prisma/driver-adapter-utils";
import type { Prisma } from "@/prisma/generated/client";
import { PrismaClient } from "@/prisma/generated/client";
import { dataPath, env, scoringMode } from "../env";
import { embeddedAdapter } from "./embedded";
import { lockDatabase } from "./lock";
import { connectOnce } from "./postgres";

/** A client, or a transaction of one. */
export type Database = Prisma.TransactionClient;

export interface OpenDatabase {
  client: PrismaClient;
  /**
   * Opens a single connection for migrations: a transaction may span its calls, and a script is sent whole. An embedded
   * database has one connection, so nothing else may use it meanwhile.
   */
  connect: () => Promise<SqlDriverAdapter>;
  /** Whether it is PGlite: one connection, used by this process alone. */
  embedded: boolean;
  /** Closes the connections, and an embedded database with them. */
  close: () => Promise<void>;
}

/**
 * Where a database is: the address of a server, and how many connections to it may be open (10 by default); or the folder
 * of an embedded one (`memory://` keeps it in memory).
 */
export type DatabaseLocation = { url: string; connections?: number } | { folder: string };

/** The location that the settings name. */
export function configuredLocation(): DatabaseLocation {
  const { DATABASE_URL, DMBENCH_DATABASE_CONNECTIONS } = env();
  const usual = scoringMode() === "inline" ? 3 : 10; // there may be many functions
  return DATABASE_URL
    ? { url: DATABASE_URL, connections: DMBENCH_DATABASE_CONNECTIONS ?? usual }
    : { folder: dataPath("db") };
}

/** A busy server has no connection for longer than this: then a request fails, instead of waiting for ever. */
const connectingMs = 30_000;

/**
 * In ms. Prisma's own 2 s of waiting and 5 s of work are too short for an embedded database, which serves one transaction
 * after another: while a first start imports published results, one of them may take seconds. When many publish or submit
 * at once, waiting is better than failing, too.
 */
const transactionOptions = { maxWait: 60_000, timeout: 60_000 };

/**
 * Opens a database; `migrate` brings its tables up to date.
 * @throws DatabaseInUse if another process has the folder open
 */
export function openDatabase(location: DatabaseLocation): OpenDatabase {
  if ("url" in location) {
    const { url: connectionString, connections: max = 10 } = location;
    const adapter = new PrismaPg({ connectionString, max, connectionTimeoutMillis: connectingMs });
    const client = new PrismaClient({ adapter, transactionOptions });
    return { client, connect: () => connectOnce(location.url), embedded: false, close: () => client.$disconnect() };
  }
  const inMemory = location.folder.startsWith("memory://");
  if (!inMemory) mkdirSync(path.dirname(location.folder), { recursive: true });
  const unlock = inMemory ? () => {} : lockDatabase(location.folder);
  const { adapter, close: closeEngine } = embeddedAdapter(location.folder);
  const client = new PrismaClient({ adapter, transactionOptions });
  const close = async (): Promise<void> => {
    await client.$disconnect();
    await closeEngine();
    unlock();
  };
  return { client, connect: () => adapter.connect(), embedded: true, close };
}

// On globalThis: a server has several copies of this module, one per bundle.
const shared = globalThis as typeof globalThis & { dmbenchDatabase?: OpenDatabase };

/** This process's database, with what migrations and imports need of it. */
export const openedDatabase = (): OpenDatabase => (shared.dmbenchDatabase ??= openDatabase(configuredLocation()));

/** This process's database, opened on first use. */
export const database = (): PrismaClient => openedDatabase().client;

/** Closes this process's database, if it was opened. */
export const closeDatabase = async (): Promise<void> => shared.dmbenchDatabase?.close();

/** Whether this process alone can use the database. */
export const isEmbedded = (): boolean => openedDatabase().embedded;
