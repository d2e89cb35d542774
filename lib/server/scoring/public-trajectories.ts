/** The public view of the reference trajectories: of a held-out one only its number and its hash. */
import "server-only";
import type { PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { artifacts, urlSeconds } from "../artifacts";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { readTrajectory, replayable, TrajectoryDamaged } from "./trajectories";

export interface TrajectoryInfo {
  benchmark: { slug: string; version: number };
  variant: string;
  visibility: "public" | "held-out";
  /** From 1; the same number is the same seed in every variant. */
  number: number;
  sha256: string;
  bytes: number;
  recordedAt: Date;
  /** Null for a held-out one. */
  seed: number | null;
  /** Where the file is; null for a held-out one. */
  url: string | null;
  /** Why its file is refused; null for an intact one. */
  damage: string | null;
}

/** Every reference trajectory of this installation, or of one benchmark. */
export async function listTrajectories(
  { benchmark }: { benchmark?: string | undefined } = {},
  db: Database = database(),
): Promise<TrajectoryInfo[]> {
  const rows = await db.trajectory.findMany({
    where: { ...replayable, ...(benchmark !== undefined && { benchmark: { slug: benchmark } }) },
    orderBy: [
      { benchmark: { createdAt: "asc" } },
      { benchmarkId: "asc" },
      { visibility: "asc" },
      { variant: "asc" },
      { number: "asc" },
    ],
    select: {
      variant: true,
      visibility: true,
      number: true,
      seed: true,
      artifactHash: true,
      artifactBytes: true,
      damage: true,
      createdAt: true,
      benchmark: { select: { slug: true, version: true } },
    },
  });
  return rows.map(
    ({ variant, visibility, number, seed, artifactHash, artifactBytes, damage, createdAt, benchmark: of }) => {
      const open = visibility === "public";
      return {
        benchmark: of,
        variant,
        visibility: open ? "public" : "held-out",
        number,
        sha256: artifactHash,
        bytes: Number(artifactBytes),
        recordedAt: createdAt,
        seed: open ? Number(seed) : null,
        url: open ? `/api/v1/trajectories/${artifactHash}` : null,
        damage,
      };
    },
  );
}

/**
 * The file of a public trajectory, by its hash; null if there is none.
 * @throws TrajectoryDamaged if it is gone or has changed
 */
export async function trajectoryFile(
  hash: string,
  db: PrismaClient = database(),
  store: ArtifactStore = artifacts(),
): Promise<Uint8Array | null> {
  const row = await findPublic(hash, db);
  return row && readTrajectory(row, { db, store });
}

/** Where else the file of a public trajectory can be read; null if there is none, or only this site has it. */
export async function trajectoryUrl(
  hash: string,
  db: PrismaClient = database(),
  store: ArtifactStore = artifacts(),
): Promise<string | null> {
  const row = await findPublic(hash, db);
  return row && store.urlOf(row.artifactKey, urlSeconds);
}

/** @throws TrajectoryDamaged if its file was found gone or changed */
async function findPublic(hash: string, db: PrismaClient) {
  const row = await db.trajectory.findFirst({
    where: { artifactHash: hash, visibility: "public" },
    select: { id: true, artifactKey: true, artifactHash: true, damage: true },
  });
  if (row?.damage) throw new TrajectoryDamaged(row.damage);
  return row;
}
