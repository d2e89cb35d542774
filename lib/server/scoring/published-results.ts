/**
 * Results that come with the software, computed from public seeds: a board shows them until this installation has
 * recorded held-out runs of its own.
 */
import "server-only";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { gunzip } from "@/lib/datasets/gzip";
import { scalarMetrics } from "@/lib/evaluation";
import { firstRuns, referenceVariants, scorerVersion } from "@/lib/leaderboard";
import type { Result, Results } from "@/lib/records";
import { decodeResults, resultsFile, totalShift } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import type { ArtifactStore } from "../artifacts";
import { sha256 } from "../artifacts";
import { testImages } from "../boards/answers";
import { rankBoard } from "../boards/rank";
import { refreshBoards } from "../boards/refresh";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { readChecksums } from "./checksums";
import type { RefusedTrajectory } from "./trajectories";
import { describeError } from "./trajectories";

interface Parts {
  db: PrismaClient;
  store: ArtifactStore;
}

/** The folder of the results that come with the software; the site also serves it, at `/results`. */
export const resultsFolder = (): string => path.resolve("public/results");

/**
 * Imports the results of every benchmark whose file, `BENCHMARK-vVERSION.safetensors.gz`, is listed in the folder's
 * SHA256SUMS and isn't imported yet. Of a new file only what isn't here is added: the same run always gives the same
 * figures, and scores are never deleted.
 * @returns the files that are refused; their boards stay as they were
 */
export async function importResults(folder: string, parts: Parts): Promise<RefusedTrajectory[]> {
  const refused: RefusedTrajectory[] = [];
  const listed = new Map((await readChecksums(folder)).map(({ hash, name }) => [name, hash]));
  const benchmarks = await parts.db.benchmark.findMany({
    orderBy: { createdAt: "asc" },
    select: {
      id: true,
      slug: true,
      version: true,
      recipe: true,
      dataset: true,
      resultsHash: true,
    },
  });
  for (const benchmark of benchmarks) {
    const name = resultsFile(benchmark);
    const hash = listed.get(name);
    if (hash === undefined || benchmark.resultsHash === hash) continue;
    const read = await readResults(path.join(folder, name), { hash, benchmark });
    if ("reason" in read) refused.push({ file: `results/${name}`, reason: read.reason });
    else await store(read, { hash, benchmark }, parts);
  }
  return refused;
}

interface Listed {
  hash: string;
  benchmark: { id: string; slug: string; version: number; recipe: unknown; dataset: string };
}

interface Read {
  bytes: Uint8Array;
  results: Results;
}

/** What a file holds, or why it is refused. */
async function readResults(file: string, { hash, benchmark }: Listed): Promise<Read | { reason: string }> {
  try {
    const bytes = await readFile(/* turbopackIgnore: true */ file);
    const found = sha256(bytes);
    if (found !== hash) return { reason: `expected SHA-256 ${hash}, found ${found}` };
    const results = decodeResults(await gunzip(path.basename(file), bytes));
    const reason = mismatch(results, benchmark);
    return reason === null ? { bytes, results } : { reason };
  } catch (error) {
    return { reason: describeError(error as Error) };
  }
}

async function store({ bytes, results }: Read, { hash, benchmark }: Listed, { db, store }: Parts): Promise<void> {
  const artifact = { key: `results/${hash}.safetensors.gz`, hash, bytes: bytes.length };
  await store.put(artifact.key, bytes);
  const known = await db.policy.findMany({
    where: { hash: { in: results.policies.map((policy) => policy.hash) } },
    select: { id: true, hash: true },
  });
  const policyIds = new Map(known.map((policy) => [policy.hash, policy.id]));
  // Run by run, since an embedded database serves nobody else during a transaction.
  for (const run of results.seeds.keys())
    await db.$transaction((tx) => addRun(tx, benchmark.id, results, run, { artifact, policyIds }));
  await db.$transaction((tx) => publish(tx, benchmark.id, results, hash), { timeout: 600_000 });
  await rankBoard(db, { benchmarkId: benchmark.id, division: "closed" });
}

/** What keeps results from being those of this benchmark by this software's scorer; null if nothing does. */
function mismatch(results: Results, { slug, version, recipe }: Listed["benchmark"]): string | null {
  const { benchmark, software, examples } = results;
  if (benchmark.slug !== slug || benchmark.version !== version)
    return `expected results of ${slug}, version ${version}, found ${benchmark.slug}, version ${benchmark.version}`;
  if (software.scorer !== scorerVersion)
    return `expected scores by version ${scorerVersion} of the scorer, found version ${software.scorer}`;
  if (!isDeepStrictEqual(results.recipe, recipe)) return `expected the recipe of ${slug}, version ${version}`;
  const images = testImages(results.recipe);
  if (examples !== images) return `expected ${images} test examples, found ${examples}`;
  return null;
}

interface Placed {
  artifact: { key: string; hash: string; bytes: number };
  /** By the hash of their documents. */
  policyIds: ReadonlyMap<string, string>;
}

/** Stores what is missing of one run: its row in each variant, and scores. */
async function addRun(
  tx: Database,
  benchmarkId: string,
  { policies, variants, seeds, dataset, software, results }: Results,
  run: number,
  { artifact, policyIds }: Placed,
): Promise<void> {
  for (const [index, { variant }] of variants.entries()) {
    const place = { benchmarkId, visibility: "results_only", variant, seed: BigInt(seeds[run]!) } as const;
    // Not an upsert, of which one fails where two instances import at once.
    await tx.trajectory.createMany({
      skipDuplicates: true,
      data: {
        ...place,
        number: run + 1,
        artifactKey: artifact.key,
        artifactHash: artifact.hash,
        artifactBytes: artifact.bytes,
        datasetVersion: dataset.version,
        datasetHash: dataset.hash,
        software: { dmbench: software.dmbench, backend: software.backend },
      },
    });
    const { id: trajectoryId } = await tx.trajectory.findUniqueOrThrow({
      where: { benchmarkId_variant_seed_visibility: place },
      select: { id: true },
    });
    await tx.score.createMany({
      skipDuplicates: true,
      data: policies.flatMap(({ hash }, policy) => {
        const policyId = policyIds.get(hash);
        if (policyId === undefined) return [];
        return [{ policyId, trajectoryId, scorerVersion, ...columns(results[index]![run]![policy]!) }];
      }),
    });
  }
}

/**
 * Shows imported results, unless the board ranks on held-out runs already, with an entry in the log. Does nothing where
 * another instance was first.
 */
async function publish(
  tx: Database,
  benchmarkId: string,
  { seeds, software, benchmark }: Results,
  hash: string,
): Promise<void> {
  const enough = (await heldOutRuns(tx, benchmarkId)) >= firstRuns;
  const { count } = await tx.benchmark.updateMany({
    where: { id: benchmarkId, OR: [{ resultsHash: null }, { resultsHash: { not: hash } }] },
    data: { resultsHash: hash, rankedOn: enough ? "held_out" : "results_only" },
  });
  if (count === 0) return;
  await refreshAll(tx, benchmarkId);
  await tx.logEntry.create({
    data: {
      action: "results.published",
      subject: "benchmark",
      subjectId: benchmarkId,
      detail: {
        benchmark,
        runs: seeds.length,
        sha256: hash,
        reason:
          `The results of ${seeds.length} runs of ${benchmark.slug}, published with DMBench ${software.dmbench} ` +
          `(SHA-256 ${hash}), are here. The board shows them until it has ${firstRuns} held-out runs.`,
      },
    },
  });
}

const columns = ({ esm, predictionsHash, confusionMatrix, ...result }: Result) => ({
  ...scalarMetrics(confusionMatrix),
  ...result,
  confusionMatrix,
  esm: totalShift(esm),
  esmLayers: esm,
  predictionsKey: null,
  predictionsHash: Buffer.from(predictionsHash).toString("hex"),
});

export interface PublishedResults {
  /** The version of the software that computed them. */
  dmbench: string;
  /** The file. */
  href: string;
}

/** The published results that a benchmark's board is made of; null if it ranks on held-out runs. */
export async function publishedResults(
  { id, slug, version, rankedOn }: { id: string; slug: string; version: number; rankedOn: "held-out" | "published" },
  db: Database = database(),
): Promise<PublishedResults | null> {
  if (rankedOn === "held-out") return null;
  const run = await db.trajectory.findFirst({
    where: { benchmarkId: id, visibility: "results_only" },
    orderBy: { number: "desc" },
    select: { software: true },
  });
  const { dmbench } = (run?.software ?? {}) as { dmbench?: string };
  return dmbench === undefined ? null : { dmbench, href: `/results/${resultsFile({ slug, version })}` };
}

/** Held-out runs that are scored in every variant. */
async function heldOutRuns(db: Database, benchmarkId: string): Promise<number> {
  const [counted] = await db.$queryRaw<{ runs: number }[]>`
    SELECT count(*)::int AS runs FROM (
      SELECT number FROM trajectory
      WHERE benchmark_id = ${benchmarkId}::uuid AND visibility = 'held_out' AND damage IS NULL
        AND EXISTS (
          SELECT 1 FROM score WHERE score.trajectory_id = trajectory.id AND score.scorer_version = ${scorerVersion})
      GROUP BY number HAVING count(DISTINCT variant) = ${referenceVariants.length}
    ) AS whole`;
  return counted!.runs;
}

/** Recomputes every row of a benchmark's Closed board. */
async function refreshAll(tx: Database, benchmarkId: string): Promise<void> {
  const rows = await tx.$queryRaw<{ variant: string; policyIds: string[] }[]>`
    SELECT variant, array_agg(DISTINCT policy_id::text) AS "policyIds" FROM (
      SELECT trajectory.variant, score.policy_id
      FROM trajectory JOIN score ON score.trajectory_id = trajectory.id
      WHERE trajectory.benchmark_id = ${benchmarkId}::uuid AND trajectory.visibility NOT IN ('public', 'withdrawn')
      UNION
      SELECT variant, policy_id FROM board_row WHERE benchmark_id = ${benchmarkId}::uuid AND division = 'closed'
    ) AS row GROUP BY variant`;
  await refreshBoards(
    tx,
    rows.map((row) => ({ benchmarkId, division: "closed" as const, ...row })),
  );
}

/** Makes a board rank on its held-out runs, once there are enough of them for ranks. */
export async function giveWay(db: PrismaClient, benchmarkId: string): Promise<void> {
  const published = await db.benchmark.findFirst({
    where: { id: benchmarkId, rankedOn: "results_only" },
    select: { slug: true },
  });
  if (!published || (await heldOutRuns(db, benchmarkId)) < firstRuns) return;
  await db.$transaction(
    async (tx) => {
      const { count } = await tx.benchmark.updateMany({
        where: { id: benchmarkId, rankedOn: "results_only" },
        data: { rankedOn: "held_out" },
      });
      if (count === 0) return; // another process was first
      await refreshAll(tx, benchmarkId);
      await tx.logEntry.create({
        data: {
          action: "results.replaced",
          subject: "benchmark",
          subjectId: benchmarkId,
          detail: {
            benchmark: published.slug,
            reason: `${published.slug} ranks on this site's own held-out runs from now on.`,
          },
        },
      });
    },
    { timeout: 600_000 },
  );
}

/** Shows published results again, if there are any, on a board that has no held-out run left. */
export async function standInAgain(tx: Database, benchmarkId: string): Promise<void> {
  if ((await heldOutRuns(tx, benchmarkId)) > 0) return;
  const { count } = await tx.benchmark.updateMany({
    where: { id: benchmarkId, resultsHash: { not: null } },
    data: { rankedOn: "results_only" },
  });
  if (count > 0) await refreshAll(tx, benchmarkId);
}
