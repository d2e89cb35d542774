/**
 * Locks an embedded database, which only one process may open at a time. The lock is a file next to the folder, with
 * the owner's process id and start time, since ids are reused. A lock whose owner has exited is taken over.
 */
import "server-only";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** Environment variable with the process id of `npm start`, which holds the lock for the site that it starts. */
export const lockOwnerVariable = "DMBENCH_DATABASE_OWNER";

/** The embedded database is open in another process. */
export class DatabaseInUse extends Error {
  override name = "DatabaseInUse";
  readonly pid: number;
  constructor(folder: string, pid: number) {
    super(
      `The embedded database in ${folder} is open in another process (${pid}). Stop that one first, ` +
        "or set DMBENCH_DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL server.",
    );
    this.pid = pid;
  }
}

/**
 * Locks the database in `folder` for this process, until it unlocks it or exits.
 * @returns a function that releases the lock
 * @throws DatabaseInUse if a running process has the lock, other than the one that started this one
 */
export function lockDatabase(folder: string): () => void {
  const file = `${folder}.lock`;
  const owner = `${process.pid} ${startOf(process.pid)}`;
  // "wx" fails if the file exists, so only one of two processes gets the lock.
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(file, owner, { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 2) throw error;
    }
    const [pid, start] = read(file).split(" ");
    const inherited = pid === process.env[lockOwnerVariable];
    if (!inherited && start !== undefined && startOf(Number(pid)) === start)
      throw new DatabaseInUse(folder, Number(pid));
    rmSync(file, { force: true });
  }
  const release = () => {
    if (read(file) === owner) rmSync(file, { force: true });
  };
  process.once("exit", release);
  return () => {
    process.off("exit", release);
    release();
  };
}

/** A file's content; empty if it doesn't exist. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** The start time of a process as Linux gives it, empty on other systems; null if the process has ended. */
function startOf(pid: number): string | null {
  if (process.platform !== "linux") return isAlive(pid) ? "" : null;
  const stat = read(`/proc/${pid}/stat`); // pid (name) state … the 22nd field is the start, in ticks since boot
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ended = !state || state === "Z" || state === "X"; // Z: a zombie that its parent has not reaped
  return ended ? null : rest[18]!;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only checks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
