/** The dumps that this site has stored. */
import "server-only";
import type { ArtifactStore } from "../artifacts";
import { artifacts, getIntact, urlSeconds } from "../artifacts";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { manifestName } from "./manifest";

export interface StoredDump {
  /** `YYYY-MM-DD`, UTC. */
  date: string;
  createdAt: Date;
  files: number;
  /** Of all its files. */
  bytes: number;
  /** The address of its manifest; its other files are beside it. */
  manifest: string;
}

/** Every dump, the newest first. */
export async function storedDumps(db: Database = database()): Promise<StoredDump[]> {
  const dumps = await db.dump.findMany({
    where: { createdAt: { not: null } },
    orderBy: { day: "desc" },
    select: { day: true, createdAt: true, files: { select: { artifactBytes: true } } },
  });
  return dumps.map(({ day, createdAt, files }) => {
    const date = day.toISOString().slice(0, 10);
    return {
      date,
      createdAt: createdAt!,
      files: files.length,
      bytes: files.reduce((sum, { artifactBytes }) => sum + Number(artifactBytes), 0),
      manifest: `/api/v1/dumps/${date}/${manifestName}`,
    };
  });
}

/**
 * A file of a dump: where it is, or its bytes. "lost" if the store lacks it; null if there is no such file.
 * @param file its date, `YYYY-MM-DD`, and its name, `manifest.json` or as `fileOf` names a table's
 */
export async function dumpFile(
  { date, name }: { date: string; name: string },
  { db = database(), store = artifacts() }: { db?: Database; store?: ArtifactStore } = {},
): Promise<{ url: string } | { bytes: Uint8Array } | "lost" | null> {
  const found = await db.dumpFile.findUnique({ where: { day_name: { day: new Date(date), name } } });
  if (!found) return null;
  const { artifactKey: key, artifactHash: hash } = found;
  const url = name === manifestName ? null : await store.urlOf(key, urlSeconds);
  if (url) return { url };
  const bytes = await getIntact(store, { key, hash });
  return bytes ? { bytes } : "lost";
}
