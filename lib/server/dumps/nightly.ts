/**
 * The nightly dump: once a day (UTC), one of the processes that work in the background stores what the site publishes.
 * Keys have the SHA-256 of what is stored there, so that nothing is ever written over, and a dump counts once all of it
 * is stored. It is made in memory, since instances may have no disk.
 */
import "server-only";
import path from "node:path";
import { ByteWriter } from "hyparquet-writer";
import type { DumpFile, PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { sha256 } from "../artifacts";
import { writeDump } from "./dump";

/** Whoever writes a dump renews its lease; without that somebody else begins anew after this time. */
const leaseSeconds = 60;

/** When a dump that failed is tried again. */
const retrySeconds = 3600;

export interface NightlyParts {
  db: PrismaClient;
  store: ArtifactStore;
}

/**
 * Stores the dump of a day, unless it is there or another process writes it.
 * @param day `YYYY-MM-DD`
 * @returns whether this call stored it
 */
export async function storeDump(day: string, { db, store }: NightlyParts): Promise<boolean> {
  if (!(await claim(db, day))) return false;
  const renewal = setInterval(() => void lease(db, day, leaseSeconds).catch(() => {}), (1000 * leaseSeconds) / 3);
  renewal.unref();
  try {
    const files: (DumpFile & { bytes: Uint8Array })[] = [];
    const { createdAt } = await writeDump(db, async (name, fill) => {
      const writer = new ByteWriter();
      await fill(writer);
      const bytes = writer.getBytes();
      const hash = sha256(bytes);
      const artifactKey = `dumps/${day}/${hash}${path.extname(name)}`;
      files.push({
        ...{ day: new Date(day), name, artifactKey, artifactHash: hash, artifactBytes: BigInt(bytes.length) },
        bytes,
      });
      return { bytes: bytes.length, sha256: hash };
    });
    for (const { artifactKey, bytes } of files) await store.put(artifactKey, bytes);
    return await db.$transaction(async (tx) => {
      const { count } = await tx.dump.updateMany({
        where: { day: new Date(day), createdAt: null },
        data: { createdAt },
      });
      if (count > 0) await tx.dumpFile.createMany({ data: files.map(({ bytes: _, ...file }) => file) });
      return count > 0; // else this process was thought dead, and another was faster
    });
  } catch (error) {
    clearInterval(renewal);
    await lease(db, day, retrySeconds).catch(() => {}); // the database may be what failed
    throw error;
  } finally {
    clearInterval(renewal);
  }
}

async function claim(db: PrismaClient, day: string): Promise<boolean> {
  const claimed = await db.$executeRaw`
    INSERT INTO dump (day, leased_until) VALUES (${day}::date, now() + make_interval(secs => ${leaseSeconds}))
    ON CONFLICT (day) DO UPDATE SET leased_until = excluded.leased_until
    WHERE dump.created_at IS NULL AND dump.leased_until < now()`;
  return claimed > 0;
}

const lease = (db: PrismaClient, day: string, seconds: number): Promise<number> =>
  db.$executeRaw`
    UPDATE dump SET leased_until = now() + make_interval(secs => ${seconds}) WHERE day = ${day}::date`;
