/**
 * One process at a time may open an embedded database: its lock is a file
 * beside the folder that holds the owner's process id and when it started, since
 * ids are used again. A lock whose owner is gone is taken over.
 */
import "server-only";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** Names the process that `npm start` holds the lock in, for the site it starts. */
export const lockOwnerVariable = "DMBENCH_DATABASE_OWNER";

/** Another process has the embedded database open. */
export class DatabaseInUse extends Error {
  override name = "DatabaseInUse";
  constructor(folder: string, pid: number) {
    super(
      `The embedded database in ${folder} is open in another process (${pid}). Stop that one first, or set DMBENCH_DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL server.`,
    );
  }
}

/**
 * Takes the lock of the database in `folder` for this process.
 * @returns what gives it back; also done when the process exits
 * @throws DatabaseInUse where a living process other than this one and the one that started it has it
 */
export function lockDatabase(folder: string): () => void {
  const file = `${folder}.lock`;
  const own = `${process.pid} ${startOf(process.pid)}`;
  // "wx" creates or fails, so two processes cannot both believe the folder free.
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(file, own, { flag: "wx" });
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
    if (read(file) === own) rmSync(file, { force: true });
  };
  process.once("exit", release);
  return () => {
    process.off("exit", release);
    release();
  };
}

/** The lock's content; empty where it is gone in the meantime. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** When a process started, in the system's own words (empty where it has none); null where it has ended. */
function startOf(pid: number): string | null {
  if (process.platform !== "linux") return isAlive(pid) ? "" : null;
  const stat = read(`/proc/${pid}/stat`); // pid (name) state … the 22nd field is the start, in ticks since boot
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ended = !state || state === "Z" || state === "X"; // ended, and not yet asked for by its parent
  return ended ? null : rest[18]!;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
