/**
 * The public view of the reference trajectories: of a held-out one its number and the commitment to it, or its hash if that
 * was announced; of a retired one all.
 */
import "server-only";
import type { PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { artifacts, urlSeconds } from "../artifacts";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { commitmentOf } from "./commitment";
import { readTrajectory, TrajectoryDamaged } from "./trajectories";

export interface TrajectoryInfo {
  benchmark: { slug: string; version: number };
  variant: string;
  visibility: "public" | "held-out" | "retired";
  /** From 1; the same number is the same seed in every variant. */
  number: number;
  /** Null for a held-out one with a commitment. */
  sha256: string | null;
  /** What was announced of a held-out run: see `commitment.ts`. Null if that was the hash, and for a public one. */
  commitment: string | null;
  /** The commitment's key, hexadecimal; null while the run is in use. */
  commitmentKey: string | null;
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
    where: {
      visibility: { notIn: ["results_only", "withdrawn"] },
      ...(benchmark !== undefined && { benchmark: { slug: benchmark } }),
    },
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
      commitmentKey: true,
      damage: true,
      createdAt: true,
      benchmark: { select: { slug: true, version: true } },
    },
  });
  return rows.map((row) => {
    const { benchmark: of, variant, visibility, number, seed, artifactHash, commitmentKey, damage } = row;
    const secret = visibility === "held_out";
    return {
      benchmark: of,
      variant,
      visibility: secret ? "held-out" : visibility === "retired" ? visibility : "public",
      number,
      sha256: secret && commitmentKey ? null : artifactHash,
      commitment: commitmentOf(row),
      commitmentKey: secret || !commitmentKey ? null : Buffer.from(commitmentKey).toString("hex"),
      bytes: Number(row.artifactBytes),
      recordedAt: row.createdAt,
      seed: secret ? null : Number(seed),
      url: secret ? null : `/api/v1/trajectories/${artifactHash}`,
      damage,
    };
  });
}

/**
 * The file of a public or retired trajectory, by its hash; null if there is none.
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
    where: { artifactHash: hash, visibility: { in: ["public", "retired"] } },
    select: { id: true, artifactKey: true, artifactHash: true, visibility: true, damage: true },
  });
  if (row?.damage) throw new TrajectoryDamaged(row.damage);
  return row;
}
