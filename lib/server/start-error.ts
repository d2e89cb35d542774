/** What keeps the site from starting, in a sentence that names the setting. */
import "server-only";
import { mkdirSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BucketError } from "./bucket";
import { DatabaseInUse } from "./database/lock";
import { dataPath, env, SettingsError } from "./env";

/** An error that the person who starts the site can fix: its message is all that is printed. */
export class StartError extends Error {
  override name = "StartError";
}

/** Prints why a start or a release failed: in a sentence, if whoever starts the site can fix it. */
export function printStartError(error: unknown): void {
  const described = describe(error);
  const isExpected = [StartError, SettingsError, DatabaseInUse, BucketError].some((kind) => described instanceof kind);
  console.error(isExpected ? `\n${(described as Error).message}\n` : described);
}

/** The error in words, if it is one of the data folder or of the database; else the error itself. */
function describe(error: unknown): unknown {
  if (error instanceof SettingsError || error instanceof BucketError) return error;
  const { DATABASE_URL } = env();
  return (
    describeFileError(error, dataPath()) ?? (DATABASE_URL ? describeDatabaseError(error, DATABASE_URL) : null) ?? error
  );
}

/** What a new embedded database and the first reference runs take, in bytes. */
const firstStartBytes = 128 << 20;

/** What a later start needs to be able to write, in bytes. */
const laterStartBytes = 1 << 20;

/**
 * Creates the data folder, and proves that it can be written.
 * @param holdsDatabase whether there is, or will be, an embedded database in it
 * @throws StartError
 */
export function prepareDataFolder(folder: string, holdsDatabase: boolean): void {
  const probe = path.join(folder, `.probe-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of ["db", "artifacts"]) requireFolder(path.join(folder, name));
    writeFileSync(probe, new Uint8Array(1 << 16), { flush: true }); // a quota or a limit may be tighter than the disk
    const isFirst = holdsDatabase && !statSync(path.join(folder, "db"), { throwIfNoEntry: false });
    const { bavail, bsize } = statfsSync(folder);
    const needed = isFirst ? firstStartBytes : laterStartBytes;
    if (bavail * bsize < needed)
      throw new StartError(
        `DMBENCH_DATA_DIR: the disk with ${folder} is full: expected ${mebibytes(needed)} MiB free, ` +
          `found ${mebibytes(bavail * bsize)}. Free some space, or name a folder on another disk.`,
      );
  } catch (error) {
    throw describeFileError(error, folder) ?? error;
  } finally {
    rmSync(probe, { force: true });
  }
}

function requireFolder(name: string): void {
  const stats = statSync(name, { throwIfNoEntry: false });
  if (stats && !stats.isDirectory()) throw new StartError(notAFolder(name));
}

const mebibytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);

const notAFolder = (name: string): string =>
  `DMBENCH_DATA_DIR: expected a folder at ${name}, found a file. Move it away, or name another folder.`;

/** A file system error in words, with the setting if it is one of the data folder; null for any other error. */
function describeFileError(error: unknown, dataFolder: string): StartError | null {
  if (!(error instanceof Error) || error instanceof StartError) return null;
  const { code = "", path: where = dataFolder, syscall } = error as NodeJS.ErrnoException;
  // PGlite's own file system reports errors of the disk by their text, without a code.
  const isFull = ["ENOSPC", "EDQUOT", "EFBIG"].includes(code) || /no space left|quota exceeded/i.test(error.message);
  if (!isFull && !(syscall && /^E[A-Z0-9]+$/.test(code) && (error as NodeJS.ErrnoException).path)) return null;
  const isData = path.resolve(where).startsWith(path.resolve(dataFolder));
  const setting = isData ? "DMBENCH_DATA_DIR: " : "";
  const otherwise = isData ? "or name another folder" : "or start a copy of the site elsewhere";
  if (isFull) return new StartError(`${setting}the disk with ${where} is full. Free some space, ${otherwise}.`);
  if (isData && ["EEXIST", "ENOTDIR", "EISDIR"].includes(code)) return new StartError(notAFolder(where));
  if (!isData && code === "ENOENT") return null;
  return new StartError(
    `${setting}${where} can't be read and written (${code}). Make it writable for this user, ${otherwise}.`,
  );
}

/** The causes that the driver adapter of PostgreSQL names. */
interface DriverCause {
  kind?: string;
  originalCode?: string;
  originalMessage?: string;
  message?: string;
}

/** A failure of the PostgreSQL server that `url` names, in words; null for an error that is not the database's. */
function describeDatabaseError(error: unknown, url: string): StartError | null {
  if (!(error instanceof Error)) return null;
  const place = placeOf(url);
  if (!place || (error as NodeJS.ErrnoException).code === "ERR_INVALID_URL")
    return new StartError(
      "DATABASE_URL: expected postgresql://user:password@host:port/database, found an address that can't be read. " +
        "Write special characters of the password as %40 for @, %3A for :, %2F for /.",
    );
  const { server, user, database } = place;
  const cause = causeOf(error);
  if (!cause) return null;
  const code = cause.originalCode ?? "";
  const said = (cause.originalMessage ?? cause.message ?? error.message).trim();
  const sentence =
    cause.kind === "DatabaseNotReachable" || cause.kind === "SocketTimeout" || /timeout|ECONN|EHOST|ENET/.test(said)
      ? `no PostgreSQL server answers at ${server}. Start it, or correct the address.`
      : cause.kind === "AuthenticationFailed"
        ? `the server at ${server} refuses the password of ${user}. Correct it.`
        : cause.kind === "DatabaseDoesNotExist"
          ? `the server at ${server} has no database ${database}. Create it (createdb ${database}), or name another.`
          : code === "42501"
            ? `${user} may not create tables in the database ${database} at ${server}. Make it the database's owner.`
            : `the database ${database} at ${server} can't be used: ${said}`;
  return new StartError(`DATABASE_URL: ${sentence} Without this setting, the site uses its embedded database.`);
}

/** What the driver adapter reported: the error itself, its cause, or where Prisma's client puts it. */
function causeOf(error: Error): DriverCause | null {
  const { meta, cause, name } = error as Error & { meta?: { driverAdapterError?: { cause?: DriverCause } } };
  if (meta?.driverAdapterError?.cause) return meta.driverAdapterError.cause;
  if (name === "DriverAdapterError") return (cause as DriverCause | undefined) ?? { message: error.message };
  const { code = "" } = error as NodeJS.ErrnoException;
  return /^(E[A-Z]+|[0-9A-Z]{5}|P\d{4})$/.test(code) || /timeout/.test(error.message)
    ? { originalCode: code, originalMessage: error.message }
    : null;
}

function placeOf(url: string): { server: string; user: string; database: string } | null {
  if (!URL.canParse(url)) return null;
  const { hostname, port, username, pathname } = new URL(url);
  return {
    server: `${hostname || "localhost"}:${port || 5432}`,
    user: decoded(username) || "the current user",
    database: decoded(pathname.slice(1)) || decoded(username) || "of the user's name",
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
