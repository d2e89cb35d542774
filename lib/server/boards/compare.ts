/** Compares two to four methods of a board: whether the board tells them apart, by seed, by layer and by class. */
import "server-only";
import { datasetInfo } from "@/lib/datasets";
import type { ConfusionMatrix } from "@/lib/evaluation";
import { tieMargin } from "@/lib/evaluation";
import type { BoardEntry, Division } from "@/lib/leaderboard";
import { divisions, scorerVersion } from "@/lib/leaderboard";
import { decodeSafetensors } from "@/lib/records";
import { Prisma } from "@/prisma/generated/client";
import type { Artifact, ArtifactStore } from "../artifacts";
import { artifacts, getIntact } from "../artifacts";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { testData } from "../datasets";
import { answersOf } from "./answers";
import type { BenchmarkInfo } from "./benchmarks";
import { findBenchmark } from "./benchmarks";
import type { LayerOverRuns } from "./choices";
import { layersOver, maxRuns } from "./choices";
import type { Pair } from "./pairs";
import { pairsOf } from "./pairs";
import type { ClassFigures } from "./per-class";
import { perClass } from "./per-class";
import { findMethods } from "./read";
import type { SeedFigures } from "./seeds";
import { seedFigures } from "./seeds";

export interface MethodComparison {
  benchmark: BenchmarkInfo;
  division: Division;
  /** In the order requested; per-class differences are relative to the first. */
  methods: ComparedMethod[];
  /** Names that are not on this board. */
  unknown: string[];
  pairs: Pair[];
  /** Accuracy differences up to this count as a tie. */
  tieMargin: number;
}

export interface ComparedMethod {
  /** Its row on the board. */
  entry: BoardEntry;
  /** A policy document of `lib/dmbn/policy`. */
  document: unknown;
  /** Each seed's figures; reference runs are named by their number. */
  points: Omit<SeedFigures, "policyId" | "variant">[];
  layers: LayerOverRuns[];
  classes: ClassFigures[];
}

/** The sources that a comparison reads from. */
export interface ComparisonSources {
  db: Database;
  store: ArtifactStore;
  testData: typeof testData;
}

export const comparisonSources = (): ComparisonSources => ({ db: database(), store: artifacts(), testData });

interface ComparisonRequest {
  benchmark: string;
  /** Each is `variant/policy slug`. */
  methods: readonly string[];
  division?: Division | undefined;
  /** Default: the newest. */
  version?: number | undefined;
}

/** Compares methods of a board; null if there is no such benchmark. */
export async function compareMethods(
  { benchmark: slug, methods: names, division = divisions[0], version }: ComparisonRequest,
  { db, store, testData: readTestData }: ComparisonSources = comparisonSources(),
): Promise<MethodComparison | null> {
  const found = await findBenchmark(slug, version, db);
  if (!found) return null;
  const { id: benchmarkId, ...benchmark } = found;
  const entries = await findMethods(db, { benchmarkId, division, methods: names });
  const onBoard = entries.filter((entry) => entry !== null);
  const policyIds = [...new Set(onBoard.map(({ policyId }) => policyId))];
  const board = { benchmarkId, division };
  const [figures, scored, data, ranking] = await Promise.all([
    seedFigures(db, { benchmarkId, division, policyIds }),
    scoredRuns[division](db, benchmarkId, policyIds),
    readTestData(benchmark.dataset, benchmark.recipe.testSize),
    db.boardRanking.findUnique({ where: { benchmarkId_division: board } }),
  ]);

  const methods = onBoard.map(({ policyId, document, entry }) => {
    const isOfMethod = (row: { policyId: string; variant: string }) =>
      row.policyId === policyId && row.variant === entry.variant;
    const runs = scored.filter(isOfMethod);
    const points = figures.filter(isOfMethod).map(({ policyId: _, variant: __, ...point }) => point);
    const accuracies = new Map(points.map(({ seed, accuracy }) => [seed, accuracy]));
    const key = `${entry.variant}/${policyId}`;
    return { entry, document, points, runs, matrices: matricesBySeed(runs), accuracies, key };
  });
  const ranked = await answersOf(
    db,
    { ...board, images: ranking?.images ?? null },
    new Map(
      methods
        .filter(({ accuracies }) => ranking?.seeds.every((seed) => accuracies.has(seed)))
        .map(({ key, accuracies }) => [key, accuracies]),
    ),
    ranking?.seeds ?? [],
  );
  const sides = await Promise.all(
    methods.map(async ({ entry, accuracies, runs, key }) => ({
      name: entry.method,
      ranked: ranked.get(key)?.means ?? null,
      accuracies,
      predictions: new Map(
        (
          await Promise.all(
            runs.map(async ({ seed, predictions }) => [seed, await readPredictions(store, predictions)] as const),
          )
        ).filter((pair): pair is [string, Uint8Array] => pair[1] !== null),
      ),
    })),
  );
  const { classes } = datasetInfo(benchmark.dataset);
  return {
    benchmark,
    division,
    methods: methods.map(({ runs, matrices, accuracies: _, key: __, ...method }, index) => ({
      ...method,
      layers: layersOver(runs),
      classes: runs.length === 0 ? [] : perClass(matrices, index === 0 ? null : methods[0]!.matrices, classes),
    })),
    unknown: names.filter((_, index) => entries[index] === null),
    pairs: pairsOf(sides, {
      labels: "testLabels" in data ? data.testLabels : null,
      critical: ranking?.critical ?? null,
    }),
    tieMargin,
  };
}

function matricesBySeed(runs: readonly ScoredRun[]): Map<string, ConfusionMatrix[]> {
  const bySeed = new Map<string, ConfusionMatrix[]>();
  for (const { seed, confusionMatrix } of runs)
    bySeed.set(seed, [...(bySeed.get(seed) ?? []), confusionMatrix as ConfusionMatrix]);
  return bySeed;
}

interface ScoredRun {
  policyId: string;
  variant: string;
  seed: string;
  confusionMatrix: unknown;
  esmLayers: unknown;
  momentumPerLayer: unknown;
  edgeOfGrid: string[];
  /** Null for a user's run, whose predictions are stored with the run, and where only the results are here. */
  predictions: Artifact | null;
}

const columns = {
  policyId: true,
  confusionMatrix: true,
  esmLayers: true,
  momentumPerLayer: true,
  edgeOfGrid: true,
} as const;

/** The scores that classes and layers are computed from: of every run that the board is made of, or of the newest runs of users. */
const scoredRuns: Record<Division, (db: Database, benchmarkId: string, policyIds: string[]) => Promise<ScoredRun[]>> = {
  async closed(db, benchmarkId, policyIds) {
    const { rankedOn: visibility } = await db.benchmark.findUniqueOrThrow({
      where: { id: benchmarkId },
      select: { rankedOn: true },
    });
    const rows = await db.score.findMany({
      where: { policyId: { in: policyIds }, scorerVersion, trajectory: { benchmarkId, visibility } },
      orderBy: [{ trajectory: { number: "asc" } }, { id: "asc" }],
      select: {
        ...columns,
        predictionsKey: true,
        predictionsHash: true,
        trajectory: { select: { variant: true, number: true } },
      },
    });
    return rows.map(({ trajectory, predictionsKey: key, predictionsHash: hash, ...row }) => ({
      ...row,
      predictions: key === null ? null : { key, hash },
      variant: trajectory.variant,
      seed: String(trajectory.number),
    }));
  },
  async open(db, benchmarkId, policyIds) {
    const rows = await db.runScore.findMany({
      where: { policyId: { in: policyIds }, run: { benchmarkId, hiddenAt: null, issues: { equals: Prisma.DbNull } } },
      orderBy: [{ run: { createdAt: "desc" } }, { id: "asc" }],
      take: maxRuns,
      select: { ...columns, run: { select: { variant: true, seed: true } } },
    });
    return rows.map(({ run, ...row }) => ({
      ...row,
      variant: run.variant,
      seed: String(run.seed),
      predictions: null,
    }));
  },
};

/**
 * The predicted class ids in a stored file; null if there is no such file or method, or the file is damaged.
 * @param name the method, if the file holds several
 */
export async function readPredictions(
  store: ArtifactStore,
  artifact: Artifact | null,
  name?: string,
): Promise<Uint8Array | null> {
  const file = artifact && (await getIntact(store, artifact));
  const values =
    file && decodeSafetensors(file).tensors.find((tensor) => name === undefined || tensor.name === name)?.values;
  return values instanceof Uint8Array ? values : null;
}
