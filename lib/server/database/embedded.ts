/** The embedded database: PGlite, PostgreSQL in WebAssembly, in a folder or in memory. */
import "server-only";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import type { PGlite } from "@electric-sql/pglite";
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from "@prisma/driver-adapter-utils";

/** Bytes of WebAssembly that a function executes before V8 optimizes it; see `loadEngine`. */
const tieringBudget = 100_000_000;

/**
 * The engine, imported when it is needed: a site on PostgreSQL may be installed without it.
 *
 * Node 20 compiles a function of WebAssembly again, optimized, after 1.8 million bytes executed. That is reached while a
 * database opens, so nearly all of PostgreSQL would be optimized at each start, for two seconds of processor. What a
 * site needs often gets to the greater budget within its first hundreds of queries.
 */
async function loadEngine() {
  setFlagsFromString(`--wasm-tiering-budget=${tieringBudget}`);
  // Node imports them, not the bundler, which would put 19 MB into each function and container.
  const [engine, adapter] = await Promise.all([
    import(/* turbopackIgnore: true */ "@electric-sql/pglite"),
    import(/* turbopackIgnore: true */ "pglite-prisma-adapter"),
  ]);
  return { ...engine, ...adapter };
}

/** An adapter that opens the database in `folder` at the first connection, and creates it if there is none. */
export function embeddedAdapter(folder: string): { adapter: SqlDriverAdapterFactory; close: () => Promise<void> } {
  let engine: Promise<PGlite> | undefined;
  const connect = async (): Promise<SqlDriverAdapter> => {
    engine ??= openEngine(folder);
    const [{ PrismaPGlite }, opened] = await Promise.all([loadEngine(), engine]);
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
  const { PGlite } = await loadEngine();
  if (!folder.startsWith("memory://") && !existsSync(path.join(folder, "PG_VERSION"))) await create(folder, PGlite);
  return PGlite.create(folder);
}

/**
 * Creates a database beside `folder` and renames it when it is complete: an interrupted creation begins again. A folder
 * that is there without being a database is moved aside, in case somebody misses it.
 */
async function create(folder: string, engine: typeof PGlite): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await (await engine.create(unfinished)).close();
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    const aside = `${folder}.incomplete-${Date.now()}`;
    console.warn(`${folder} is not a complete database. It is now ${aside}, and a new one takes its place.`);
    renameSync(folder, aside);
  }
  renameSync(unfinished, folder);
}
