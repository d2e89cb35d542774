/**
 * Reference trajectories: imported from the folders they were recorded to, or recorded here from seeds that this
 * installation draws and shows to nobody while they are in use. Before a file is used the log has its SHA-256, or for a
 * held-out one a commitment to it.
 */
import "server-only";
import { randomBytes, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { drawSeed, referenceVariants } from "@/lib/leaderboard";
import type { Recipe, TrajectoryHeader } from "@/lib/records";
import { decodeTrajectory } from "@/lib/records";
import type { PrismaClient, Trajectory as Row, Visibility } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { ArtifactDamaged, heldOutPrefix, sha256 } from "../artifacts";
import { lock } from "../boards/revisions";
import { BucketError } from "../bucket";
import type { Database } from "../database/client";
import { isUniqueViolation } from "../database/errors";
import { hasDataset } from "../datasets";
import { dataPath } from "../env";
import { readChecksums } from "./checksums";
import { commitmentKeyBytes, commitmentOf } from "./commitment";
import { repaired } from "./damaged";
import type { Scorer } from "./scorer";
import { ScoringError } from "./scoring-process";

interface Parts {
  db: PrismaClient;
  store: ArtifactStore;
}

/** A file that is not imported, and why. */
export interface RefusedTrajectory {
  /** `BENCHMARK-vVERSION[/held-out]/FILE`. */
  file: string;
  reason: string;
}

/** The folders of recorded trajectories: those that come with the site, and this installation's own. */
export const trajectoryFolders = (): string[] => [path.resolve("public/trajectories"), dataPath("trajectories")];

/**
 * Imports every trajectory under `folders`, `BENCHMARK-vVERSION[/held-out]/FILE`, whose hash matches the SHA256SUMS in
 * its folder. A trajectory whose stored file was damaged is repaired.
 * @returns the files that are refused; all others are imported
 */
export async function importTrajectories(folders: readonly string[], parts: Parts): Promise<RefusedTrajectory[]> {
  const refused: RefusedTrajectory[] = [];
  const benchmarks = await parts.db.benchmark.findMany({
    orderBy: { createdAt: "asc" },
    select: { id: true, slug: true, version: true, recipe: true },
  });
  for (const root of folders) {
    for (const benchmark of benchmarks) {
      for (const visibility of ["public", "held_out"] as const) {
        const place = `${benchmark.slug}-v${benchmark.version}${visibility === "public" ? "" : "/held-out"}`;
        const folder = path.join(/* turbopackIgnore: true */ root, place);
        const listed = await readChecksums(folder);
        for (const { hash, name } of listed) {
          const file = path.join(folder, name);
          const reason = await importFile(file, { hash, benchmark, visibility }, parts).catch(describeError);
          if (reason !== null) refused.push({ file: `${place}/${name}`, reason });
        }
        const unlisted = (await readdir(folder).catch(() => [])).filter(
          (name) => name.endsWith(".safetensors") && !listed.some((file) => file.name === name),
        );
        for (const name of unlisted) refused.push({ file: `${place}/${name}`, reason: "no hash in SHA256SUMS" });
      }
    }
  }
  return refused;
}

/** An error's message. For a file system error only the code, since the message reveals a path on the server. */
export function describeError(error: NodeJS.ErrnoException): string {
  if (error.code) return `can't be read (${error.code})`;
  if (!(error instanceof BucketError)) return error.message;
  console.error(error.message);
  return "it can't be stored now";
}

interface ListedTrajectory {
  hash: string;
  benchmark: { id: string; slug: string; version: number; recipe: unknown };
  visibility: Visibility;
}

/** Imports a file. Null if that worked or it was imported before; else why it is refused. */
async function importFile(
  file: string,
  { hash, benchmark, visibility }: ListedTrajectory,
  { db, store }: Parts,
): Promise<string | null> {
  const existing = await db.trajectory.findFirst({
    where: { artifactHash: hash },
    select: { id: true, artifactKey: true, damage: true },
  });
  if (existing && existing.damage === null) return null;
  const bytes = await readFile(file);
  const found = sha256(bytes);
  if (found !== hash)
    return visibility === "public"
      ? `expected SHA-256 ${hash}, found ${found}`
      : "its SHA-256 is not the one in SHA256SUMS"; // which is not to be known
  if (existing) {
    await store.put(existing.artifactKey, bytes);
    const reason = "Its file is again the one that was imported. What could not be scored meanwhile is.";
    await repaired(existing.id, reason, db);
    return null;
  }
  const { header } = decodeTrajectory(bytes);
  const different = Object.entries(benchmark.recipe as Recipe).find(
    ([field, value]) => header.recipe[field as keyof Recipe] !== value,
  );
  if (different) {
    const [field, value] = different;
    const found = header.recipe[field as keyof Recipe];
    return `${field}: expected ${value} as in ${benchmark.slug}, version ${benchmark.version}, found ${found}`;
  }
  const added = await add({ bytes, hash, header, benchmarkId: benchmark.id, visibility }, { db, store });
  if (added || (await db.trajectory.count({ where: { artifactHash: hash } })) > 0) return null; // another process's
  const seed = visibility === "public" ? header.seed : "of a held-out run";
  return `seed ${seed} in ${header.variant} is here already, as another file`;
}

interface Addition {
  bytes: Uint8Array;
  hash: string;
  header: TrajectoryHeader;
  benchmarkId: string;
  visibility: Visibility;
  number?: number;
}

/** The name of the lock under which a benchmark's trajectories change. */
export const trajectoriesLock = (benchmarkId: string): string => `${benchmarkId}/trajectories`;

/**
 * Stores a trajectory with its log entry; false if one with this seed or number exists already.
 * @throws Error if a retired run has its seed or number
 */
async function add(
  { bytes, hash, header, benchmarkId, visibility, number }: Addition,
  { db, store }: Parts,
): Promise<boolean> {
  const { variant, seed, dataset, dmbench, backend } = header;
  // A held-out file's key is random: nobody can derive it from the hash, which is public.
  const artifactKey =
    visibility === "public" ? `trajectories/${hash}.safetensors` : `${heldOutPrefix}${randomUUID()}.safetensors`;
  await store.put(artifactKey, bytes);
  const row = {
    benchmarkId,
    variant,
    seed,
    visibility,
    number,
    artifactKey,
    artifactHash: hash,
    artifactBytes: bytes.length,
    commitmentKey: visibility === "public" ? null : randomBytes(commitmentKeyBytes),
    dataset,
    software: { dmbench, backend },
  };
  try {
    return (await db.$transaction((tx) => insertTrajectory(tx, row))) !== null;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

interface NewTrajectory
  extends Pick<Row, "benchmarkId" | "visibility" | "artifactKey" | "artifactHash">,
    Pick<TrajectoryHeader, "variant" | "seed"> {
  /** Default: that of the same seed in another variant, or the next free one. */
  number?: number | undefined;
  artifactBytes: number;
  commitmentKey: Buffer<ArrayBuffer> | null;
  dataset: Pick<TrajectoryHeader["dataset"], "version" | "hash">;
  software: Pick<TrajectoryHeader, "dmbench" | "backend">;
  /** What else the log is to say. */
  detail?: Record<string, string>;
}

/**
 * Stores the row of a trajectory whose file is stored, with its log entry.
 * @returns its id; null if there is one of this variant and seed
 * @throws Error if a retired run has its seed or number
 */
export async function insertTrajectory(
  tx: Database,
  { seed, number, dataset, software, detail, ...columns }: NewTrajectory,
): Promise<string | null> {
  const { benchmarkId, variant, visibility, artifactHash, commitmentKey } = columns;
  await lock(tx, trajectoriesLock(benchmarkId));
  const isPublic = visibility === "public";
  const others = await tx.trajectory.findMany({
    where: { benchmarkId, visibility: { in: isPublic ? ["public", "withdrawn"] : [visibility, "retired"] } },
    select: { seed: true, number: true, variant: true, visibility: true },
  });
  const sameSeed = others.filter((other) => other.seed === BigInt(seed));
  if (others.some((run) => run.visibility === "retired" && (run.seed === BigInt(seed) || run.number === number)))
    throw new Error("its run is retired: everybody can know its seed");
  if (sameSeed.some((other) => other.variant === variant)) return null;
  const next = 1 + others.reduce((most, other) => Math.max(most, other.number), 0);
  const row = await tx.trajectory.create({
    data: {
      ...columns,
      seed,
      number: number ?? sameSeed[0]?.number ?? next,
      datasetVersion: dataset.version,
      datasetHash: dataset.hash,
      software,
    },
    select: { id: true, number: true, benchmark: { select: { slug: true } } },
  });
  const shown = isPublic
    ? { sha256: artifactHash, seed }
    : { commitment: commitmentOf({ commitmentKey, seed, artifactHash }) };
  await tx.logEntry.create({
    data: {
      action: "trajectory.added",
      subject: "trajectory",
      subjectId: row.id,
      detail: {
        benchmarkId,
        benchmark: row.benchmark.slug,
        variant,
        visibility,
        number: row.number,
        ...shown,
        ...detail,
      },
    },
  });
  return row.id;
}

/** The time before a file that seems to be gone or changed is looked at again, in ms. */
const secondLookMs = 1000;

/**
 * Reads the file of a trajectory.
 * @throws TrajectoryDamaged if it is gone or has changed, at a second look too; the trajectory is then marked as damaged
 * and the refusal logged
 * @throws TrajectoryElsewhere instead if the store is not shared: another instance of the site may have it
 */
export async function readTrajectory(
  { id, artifactKey, artifactHash, visibility }: Pick<Row, "id" | "artifactKey" | "artifactHash" | "visibility">,
  { db, store }: Parts,
): Promise<Uint8Array> {
  const look = () =>
    store.get({ key: artifactKey, hash: artifactHash }).catch((error: unknown) => {
      if (error instanceof ArtifactDamaged) return error.found;
      throw error;
    });
  const first = await look();
  const bytes = first instanceof Uint8Array ? first : await sleep(secondLookMs).then(look);
  if (bytes instanceof Uint8Array) return bytes;
  const difference = `expected a file with SHA-256 ${artifactHash}, found ${bytes ?? "none"}`;
  // The hash of a held-out file is not to be known.
  const damage = visibility === "held_out" ? `its file ${bytes === null ? "is gone" : "has changed"}` : difference;
  if (!store.shared) throw new TrajectoryElsewhere(damage);
  console.error(`Trajectory ${id}: ${difference}`);
  await db.$transaction(async (tx) => {
    const { count } = await tx.trajectory.updateMany({ where: { id, damage: null }, data: { damage } });
    if (count === 0) return; // another reader found it first
    await tx.logEntry.create({
      data: { action: "trajectory.refused", subject: "trajectory", subjectId: id, detail: { reason: damage } },
    });
  });
  throw new TrajectoryDamaged(damage);
}

/** A trajectory whose file is not the one that was imported. */
export class TrajectoryDamaged extends Error {
  override name = "TrajectoryDamaged";
}

/** A trajectory whose file this instance of the site doesn't have; another one may. */
export class TrajectoryElsewhere extends Error {
  override name = "TrajectoryElsewhere";
  constructor(difference: string) {
    super(`${difference} on this machine; all instances of a site find it if they share a bucket (DMBENCH_BUCKET)`);
  }
}

/** A data set that was on this machine when the recording was planned. */
export class DatasetGone extends Error {
  override name = "DatasetGone";
  constructor(slug: string) {
    super(`${slug} is no longer on this machine`);
  }
}

/** A held-out run that diverged: its seed is dropped. Which runs a board has depends on it, so the log tells. */
export class RunDiverged extends Error {
  override name = "RunDiverged";
  /** @param message of `TrainingDiverged`: where, and then advice for those who can change the recipe */
  constructor(message: string) {
    super(`${message.split(":")[0]}; the next attempt draws another seed`);
  }
}

/** Trains the held-out run of this number in each variant that lacks it, all with the same seed; none if it is retired. */
export async function recordHeldOut(
  { benchmarkId, number }: { benchmarkId: string; number: number },
  { db, store, scorer }: Parts & { scorer: Scorer },
): Promise<void> {
  const benchmark = await db.benchmark.findUniqueOrThrow({
    where: { id: benchmarkId },
    select: { slug: true, recipe: true, dataset: true },
  });
  if (!(await hasDataset(benchmark.dataset))) throw new DatasetGone(benchmark.dataset); // else it would be downloaded
  const rows = await db.trajectory.findMany({
    where: { benchmarkId, visibility: { in: ["held_out", "retired"] }, number },
    select: { variant: true, seed: true, visibility: true },
  });
  if (rows.some(({ visibility }) => visibility === "retired")) return;
  const variants = referenceVariants.filter((variant) => !rows.some((row) => row.variant === variant));
  const seed = rows[0] ? Number(rows[0].seed) : drawSeed(randomBytes);
  const files = await scorer
    .record({ recipe: benchmark.recipe as Recipe, variants, seed })
    .catch(async (error: unknown) => {
      if (!(error instanceof ScoringError) || error.cause !== "TrainingDiverged" || rows.length > 0) throw error;
      const diverged = new RunDiverged(error.message);
      const reason = `Held-out run ${number} of ${benchmark.slug}: ${diverged.message}.`;
      await db.logEntry.create({
        data: {
          action: "trajectory.diverged",
          subject: "benchmark",
          subjectId: benchmarkId,
          detail: { number, reason },
        },
      });
      throw diverged;
    });
  for (const bytes of files) {
    await add(
      {
        bytes,
        hash: sha256(bytes),
        header: decodeTrajectory(bytes).header,
        benchmarkId,
        visibility: "held_out",
        number,
      },
      { db, store },
    );
  }
}
