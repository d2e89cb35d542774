/** The embedded database: PGlite, PostgreSQL in WebAssembly, in a folder or in memory. */
import "server-only";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { PGlite } from "@electric-sql/pglite";
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";
import { PrismaPGlite } from "pglite-prisma-adapter";

/**
 * How much a function of WebAssembly works, in bytes executed, before V8 compiles it again, optimized. Node 20's 1.8 million
 * are reached while a database opens, so that nearly all of PostgreSQL would be optimized at each start, for two seconds
 * of processor. What a site needs often gets there within its first hundreds of queries.
 */
setFlagsFromString("--wasm-tiering-budget=100000000");

/** An adapter that opens the database in `folder` at the first connection, and creates it if there is none. */
export function embeddedAdapter(folder: string): { adapter: SqlDriverAdapterFactory; close: () => Promise<void> } {
  let engine: Promise<PGlite> | undefined;
  const connect = async (): Promise<SqlDriverAdapter> => {
    engine ??= openEngine(folder);
    const opened = await engine;
    const connection = (await new PrismaPGlite(opened).connect()) as SqlDriverAdapter;
    // The adapter would not wait for the script, and lose its error.
    return Object.assign(connection, { executeScript: async (script: string) => void (await opened.exec(script)) });
  };
  return {
    adapter: { provider: "postgres", adapterName: "pglite", connect },
    close: async () => void (await (await engine)?.close()),
  };
}

async function openEngine(folder: string): Promise<PGlite> {
  if (!folder.startsWith("memory://") && !existsSync(path.join(folder, "PG_VERSION"))) await create(folder);
  return PGlite.create(folder);
}

/**
 * Creates a database beside `folder` and renames it when it is complete: an interrupted creation begins again. A folder
 * that is there without being a database is moved aside, in case somebody misses it.
 */
async function create(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await (await PGlite.create(unfinished)).close();
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    const aside = `${folder}.incomplete-${Date.now()}`;
    console.warn(`${folder} is not a complete database. It is now ${aside}, and a new one takes its place.`);
    renameSync(folder, aside);
  }
  renameSync(unfinished, folder);
}
