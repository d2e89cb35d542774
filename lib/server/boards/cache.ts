/**
 * What was made from a board, kept in this process while the board stays as it
 * was: nearly every visitor asks for one of a few views. Those who ask at the
 * same time share the making.
 */
import "server-only";
import type { Database } from "../database/client";
import { Turns } from "../single-flight";

interface Kept {
  revision: string;
  made: Promise<unknown>;
}

/** Pages of a hundred rows take about 200 kB each. */
const mostKept = 400;

const keptFor = new WeakMap<Database, Map<string, Kept>>();

/**
 * What `make` gives, made once for each revision.
 * @param key all that it depends on besides the board's revision
 * @returns the same object to everyone: not to be changed
 */
export function kept<Made>(
  db: Database,
  { key, revision }: { key: string; revision: string },
  make: () => Promise<Made>,
): Promise<Made> {
  const known = keptFor.get(db) ?? new Map<string, Kept>();
  keptFor.set(db, known);
  const before = known.get(key);
  known.delete(key);
  const now = before?.revision === revision ? before : { revision, made: make() };
  known.set(key, now); // the last in line: the first is the one that was not asked for longest
  if (now !== before) now.made.catch(() => known.get(key) === now && known.delete(key));
  if (known.size > mostKept) known.delete(known.keys().next().value!);
  return now.made as Promise<Made>;
}

/** A read that many ask for at once; nobody is told what was read before they asked. */
export function shared<Read>(read: (db: Database) => Promise<Read>): (db: Database) => Promise<Read> {
  const reading = new WeakMap<Database, Turns<Read>>();
  return (db) => {
    const turns = reading.get(db) ?? new Turns(() => read(db));
    reading.set(db, turns);
    return turns.ask();
  };
}
