/**
 * Takes a snapshot of a board: scores its first methods on runs trained from fresh seeds. It reads the database and writes
 * two files; nothing of it enters the board, now or later.
 */
import "server-only";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { z } from "zod";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { parsePolicy } from "@/lib/dmbn/policy";
import type { CrossedMeans } from "@/lib/evaluation";
import { crossedMeans, fewestSeeds } from "@/lib/evaluation";
import type { Snapshot } from "@/lib/leaderboard";
import { changedPlaces, drawSeed, placeInParts, scorerVersion, snapshotMarkdown } from "@/lib/leaderboard";
import type { Recipe, Variant } from "@/lib/records";
import { DMBENCH_VERSION, seedSchema } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import { sha256 } from "../artifacts";
import { OperationError } from "../backup/operation-error";
import { withCurrentDatabase } from "../backup/with-current-database";
import type { DatabaseLocation } from "../database/client";
import type { Scorer } from "../scoring/scorer";
import { startScorer } from "../scoring/scorer";
import { withPauses } from "../with-pauses";
import { accuraciesOf, answersOf, testImages } from "./answers";
import type { BenchmarkInfo } from "./benchmarks";
import { findBenchmark } from "./benchmarks";

export interface SnapshotRequest {
  benchmark: string;
  /** At most so many methods, the first of the board. */
  methods: number;
  /** Fresh runs, at least `fewestSeeds`. */
  runs: number;
  /** The document, `….json`; its table is written beside it as `….md`. */
  file: string;
}

/**
 * The database is closed before anything is trained. Each run that is done is stored beside the document: the same request
 * goes on behind it.
 * @returns what was found, in a sentence
 * @throws OperationError
 */
export async function snapshot(
  request: SnapshotRequest,
  location: DatabaseLocation,
  progress: (line: string) => void,
): Promise<string> {
  const { file } = request;
  const table = `${file.replace(/\.json$/, "")}.md`;
  for (const path of [file, table])
    if (existsSync(path)) throw new OperationError(`${path} is there already. A snapshot is dated: name a new file.`);
  const board = await withCurrentDatabase(location, "take a snapshot", (db) => readBoard(request, db));
  const partial = `${file}.partial`;
  const runs = await freshRuns(board, request.runs, partial, progress);
  const document = await compare(board, runs);
  await writeWhole(table, snapshotMarkdown(document));
  await writeWhole(file, `${JSON.stringify(document, null, 2)}\n`);
  await rm(partial);
  const { places, disjoint } = document.changed;
  return (
    `Wrote ${file} and ${table}: on ${runs.length} fresh runs ${places} of ${board.methods.length} methods have another ` +
    `place, and ${disjoint} ranks of which none is among those on the board.`
  );
}

interface BoardToCheck {
  benchmark: BenchmarkInfo;
  /** Numbers of the held-out runs that its methods are ranked on. */
  runs: string[];
  /** Seeds that must not be drawn. */
  used: ReadonlySet<number>;
  /** In the board's order. */
  methods: {
    method: string;
    variant: Variant;
    policy: MomentumPolicy;
    name: string;
    hash: string;
    author: string | null;
    means: CrossedMeans;
  }[];
}

async function readBoard({ benchmark: slug, methods: most }: SnapshotRequest, db: PrismaClient): Promise<BoardToCheck> {
  const found = await findBenchmark(slug, undefined, db);
  if (!found) throw new OperationError(`benchmark: expected one of this site's, found ${slug}.`);
  const { id: benchmarkId, ...benchmark } = found;
  const board = { benchmarkId, division: "closed" as const };
  const ranking = await db.boardRanking.findUnique({ where: { benchmarkId_division: board }, select: { seeds: true } });
  const runs = ranking?.seeds ?? [];
  if (benchmark.rankedOn !== "held-out")
    throw new OperationError(
      `benchmark: expected a board that ranks on held-out runs, found published results of public seeds on ${slug}.`,
    );
  if (runs.length < fewestSeeds)
    throw new OperationError(
      `benchmark: expected a board that ranks on at least ${fewestSeeds} held-out runs, found ${runs.length} on ${slug}.`,
    );
  const rows = await db.boardRow.findMany({
    // Of methods that predict the same, the first stands for all.
    where: {
      ...board,
      standing: { not: null },
      sameAs: null,
      policy: { hiddenAt: null, issues: { equals: Prisma.DbNull } },
    },
    orderBy: [{ standing: "asc" }, { accuracyMean: "desc" }, { variant: "asc" }, { policyId: "asc" }],
    take: most,
    select: {
      variant: true,
      policyId: true,
      policy: { select: { slug: true, name: true, hash: true, document: true, author: { select: { name: true } } } },
    },
  });
  if (rows.length < 2)
    throw new OperationError(`benchmark: expected at least two methods to compare, found ${rows.length} on ${slug}.`);
  const keyOf = ({ variant, policyId }: (typeof rows)[number]) => `${variant}/${policyId}`;
  const accuracies = await accuraciesOf(db, board);
  const answers = await answersOf(
    db,
    { ...board, images: testImages(benchmark.recipe) },
    new Map(rows.map((row) => [keyOf(row), accuracies.get(keyOf(row))!])),
    runs,
  );
  const used = await db.trajectory.findMany({ where: { benchmarkId }, select: { seed: true } });
  return {
    benchmark,
    runs,
    used: new Set(used.map(({ seed }) => Number(seed))),
    methods: rows.map((row) => ({
      method: `${row.variant}/${row.policy.slug}`,
      variant: row.variant as Variant,
      policy: parsePolicy(row.policy.document),
      name: row.policy.name,
      hash: row.policy.hash,
      author: row.policy.author?.name ?? null,
      means: answers.get(keyOf(row))!.means,
    })),
  };
}

const freshRunSchema = z.strictObject({
  seed: seedSchema,
  /** Of each method, in their order: `rightAnswers` in base64. */
  correct: z.array(z.base64()),
});
const partialSchema = z.strictObject({ of: z.string(), runs: z.array(freshRunSchema) });

type FreshRun = z.infer<typeof freshRunSchema>;

async function freshRuns(
  board: BoardToCheck,
  count: number,
  partial: string,
  progress: (line: string) => void,
): Promise<FreshRun[]> {
  const of = JSON.stringify([
    board.benchmark.slug,
    board.benchmark.version,
    DMBENCH_VERSION,
    scorerVersion,
    board.methods.map(({ variant, hash }) => `${variant}/${hash}`),
  ]);
  const runs = await readPartial(partial, of);
  const scorers = Array.from({ length: Math.min(availableParallelism(), count) }, () => startScorer());
  const start = performance.now();
  const before = runs.length;
  let begun = before;
  let written = Promise.resolve();
  const record = async (scorer: Scorer) => {
    while (begun < count) {
      const seconds = (performance.now() - start) / 1000 / Math.max(1, runs.length - before);
      const left = runs.length > before ? `, about ${Math.ceil((seconds * (count - runs.length)) / 60)} min left` : "";
      progress(`fresh run ${++begun} of ${count}${left}`);
      const run = await freshRun(board, scorer);
      written = written.then(() => {
        runs.push(run);
        return writeWhole(partial, JSON.stringify({ of, runs }));
      });
      await written;
    }
  };
  try {
    await Promise.all(scorers.map(record));
  } finally {
    for (const scorer of scorers) scorer.stop();
  }
  return runs.slice(0, count);
}

/** The runs of a snapshot of the same methods that was interrupted. */
async function readPartial(partial: string, of: string): Promise<FreshRun[]> {
  if (!existsSync(partial)) return [];
  const parsed = partialSchema.safeParse(
    await readFile(partial, "utf8")
      .then(JSON.parse)
      .catch(() => null),
  );
  if (!parsed.success || parsed.data.of !== of)
    throw new OperationError(
      `${partial} has runs of another snapshot, or the board's first methods have changed since. Remove it to start anew.`,
    );
  return parsed.data.runs;
}

/** Trains one seed in each variant that a method needs, and scores every method on it. */
async function freshRun({ benchmark, used, methods }: BoardToCheck, scorer: Scorer): Promise<FreshRun> {
  let seed = drawSeed(randomBytes);
  while (used.has(seed)) seed = drawSeed(randomBytes);
  const variants = [...new Set(methods.map(({ variant }) => variant))];
  const files = await scorer.record({ recipe: benchmark.recipe as Recipe, variants, seed });
  const correct = new Map<string, string>();
  for (const [index, variant] of variants.entries()) {
    const file = files[index]!;
    const ofVariant = methods.filter((method) => method.variant === variant);
    const scorings = await scorer.score(
      { hash: sha256(file), read: async () => file },
      ofVariant.map(({ policy }) => policy),
    );
    scorings.forEach((scoring, place) => {
      const { method } = ofVariant[place]!;
      if ("fault" in scoring) throw new OperationError(`${method} can't be scored on a fresh run: ${scoring.fault}`);
      correct.set(method, Buffer.from(scoring.figures.correct).toString("base64"));
    });
  }
  return { seed, correct: methods.map(({ method }) => correct.get(method)!) };
}

async function compare(
  { benchmark, runs: numbers, methods }: BoardToCheck,
  runs: readonly FreshRun[],
): Promise<Snapshot> {
  const images = testImages(benchmark.recipe);
  const freshMeans = methods.map((_, index) =>
    crossedMeans(
      runs.map(({ correct }) => Buffer.from(correct[index]!, "base64")),
      images,
    ),
  );
  const { places: onBoard, ...board } = await withPauses(placeInParts(methods.map(({ means }) => means)));
  const { places: onFresh, ...fresh } = await withPauses(placeInParts(freshMeans));
  const { slug, version, title } = benchmark;
  return {
    format: "dmbench-snapshot-1",
    date: new Date().toISOString(),
    benchmark: { slug, version, title },
    software: { dmbench: DMBENCH_VERSION, scorer: scorerVersion },
    board: { runs: numbers.map(Number), ...board },
    fresh: { seeds: runs.map(({ seed }) => seed), ...fresh },
    changed: changedPlaces(onBoard, onFresh),
    methods: methods.map(({ method, name, hash, author }, index) => ({
      method,
      name,
      policy: hash,
      author,
      board: onBoard[index]!,
      fresh: { ...onFresh[index]!, accuracies: [...freshMeans[index]!.seeds] },
    })),
  };
}

/** Writes a file whole or not at all; for the owner alone until it is finished, since seeds of a partial one are secret. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text, { mode: 0o600 });
  await rename(`${path}.part`, path);
}
