/**
 * One process at a time may open an embedded database: its lock is a file
 * beside the folder that holds the owner's process id. A lock whose owner is
 * gone is taken over.
 */
import "server-only";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** Names the process that `npm start` holds the lock in, for the site it starts. */
export const lockOwnerVariable = "DMBENCH_DATABASE_OWNER";

/** Another process has the embedded database open. */
export class DatabaseInUse extends Error {
  override name = "DatabaseInUse";
  constructor(folder: string, pid: number) {
    super(`The embedded database in ${folder} is open in another process (${pid}). Stop that one first, or set DMBENCH_DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL server.`);
  }
}

/**
 * Takes the lock of the database in `folder` for this process.
 * @returns what gives it back; also done when the process exits
 * @throws DatabaseInUse where a living process other than this one and the one that started it has it
 */
export function lockDatabase(folder: string): () => void {
  const file = `${folder}.lock`;
  // "wx" creates or fails, so two processes cannot both believe the folder free.
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 2) throw error;
    }
    const owner = ownerOf(file);
    const inherited = String(owner) === process.env[lockOwnerVariable];
    if (owner !== null && owner !== process.pid && !inherited && isAlive(owner)) throw new DatabaseInUse(folder, owner);
    rmSync(file, { force: true });
  }
  const release = () => {
    if (ownerOf(file) === process.pid) rmSync(file, { force: true });
  };
  process.once("exit", release);
  return () => {
    process.off("exit", release);
    release();
  };
}

function ownerOf(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null; // gone in the meantime
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
