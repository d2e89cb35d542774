/** Opens an installation's database for an operation that uses its tables as this version knows them. */
import "server-only";
import type { PrismaClient } from "@/prisma/generated/client";
import type { DatabaseLocation } from "../database/client";
import { migrationGap } from "../database/migrations";
import { openExisting } from "./backup";
import { OperationError } from "./operation-error";

/**
 * @param to what needs the database, as in "stop the site to reset a password"
 * @throws OperationError if an embedded database is in use or does not exist, or if the tables are of an earlier version
 */
export async function withCurrentDatabase<Result>(
  location: DatabaseLocation,
  to: string,
  use: (db: PrismaClient) => Promise<Result>,
): Promise<Result> {
  const opened = openExisting(location, to);
  try {
    if ((await migrationGap(opened.client)).pending.length > 0)
      throw new OperationError(`The database is of an earlier version. Start the site once, then ${to}.`);
    return await use(opened.client);
  } finally {
    await opened.close();
  }
}
