/**
 * `npm run release`: brings the database that DATABASE_URL names up to this version, before the instances of it serve, and
 * imports the runs and results that ship with it. Safe to repeat, to interrupt, and to begin several times at once.
 */
import nextEnv from "@next/env";
import type { PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "./artifacts";
import { artifacts, requireBucket, siteBucket } from "./artifacts";
import { refreshStaleBoards } from "./boards/refresh";
import { alone } from "./database/alone";
import { openDatabase } from "./database/client";
import { requirePostgres } from "./database/postgres";
import { env, SettingsError } from "./env";
import { prepareDatabase } from "./prepare-database";
import { importResults, resultsFolder } from "./scoring/published-results";
import { importTrajectories, trajectoryFolders } from "./scoring/trajectories";
import { siteOrigin } from "./site-origin";
import { printStartError } from "./start-error";

try {
  nextEnv.loadEnvConfig(".", false, { info: () => {}, error: console.error });
  const { DATABASE_URL } = env();
  if (!DATABASE_URL)
    throw new SettingsError(
      "DATABASE_URL: expected postgresql://user:password@host:port/database, found nothing. A release is for a site on " +
        "PostgreSQL; npm start brings its embedded database up to date itself.",
    );
  await requirePostgres(DATABASE_URL);
  const bucket = siteBucket() && artifacts();
  const withoutCors = bucket && (await requireBucket(bucket, siteOrigin(new Headers())));
  if (withoutCors) console.warn(withoutCors);
  const opened = openDatabase({ url: DATABASE_URL });
  try {
    await prepareDatabase(opened);
    // Without a bucket, instances have the files of their own folder, and import them themselves.
    if (bucket)
      await alone(
        opened,
        () => {},
        () => importShipped(opened.client, bucket),
      );
  } finally {
    await opened.close();
  }
  console.log("The database is up to date with this version.");
} catch (error) {
  printStartError(error);
  process.exitCode = 1;
}

/** Imports what functions don't contain. An instance that has these files would do it too, in its background. */
async function importShipped(db: PrismaClient, store: ArtifactStore): Promise<void> {
  const parts = { db, store };
  const refused = [
    ...(await importResults(resultsFolder(), parts)),
    ...(await importTrajectories(trajectoryFolders(), parts)),
  ];
  for (const { file, reason } of refused) console.warn(`${file} is refused: ${reason}`);
  await refreshStaleBoards(db);
}
