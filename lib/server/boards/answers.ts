/** What the methods of a board answered on each run: accuracies, and right or wrong for each test image. */
import "server-only";
import { datasetInfo } from "@/lib/datasets";
import type { CrossedMeans } from "@/lib/evaluation";
import { crossedMeans } from "@/lib/evaluation";
import { scorerVersion } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { areCounted, areRanked } from "./ranked-runs";
import type { Board } from "./revisions";
import { seedsOfBoard } from "./seeds";

/** A board, and how many test images it has; null if it isn't known which ones were answered right. */
type BoardOfImages = Board & { images: number | null };

/** `variant/policy id`. */
export type MethodKey = string;

/** Each method's accuracy on each run: the number of a reference run or a seed, which counts once by its mean. */
export async function accuraciesOf(db: Database, board: Board): Promise<Map<MethodKey, Map<string, number>>> {
  // JSON arrays: one row per run takes ten times as long.
  const rows = await db.$queryRaw<{ method: MethodKey; seeds: string[]; accuracies: number[] }[]>`
    SELECT variant || '/' || policy_id AS method, json_agg(seed) AS seeds, json_agg(accuracy) AS accuracies
    FROM (${seedsOfBoard(board)}) AS score GROUP BY variant, policy_id`;
  return new Map(
    rows.map(({ method, seeds, accuracies }) => [
      method,
      new Map(seeds.map((seed, index) => [seed, accuracies[index]!])),
    ]),
  );
}

export interface Answers {
  means: CrossedMeans;
  /** Equal for methods with equal predictions on every run; null if an old score lacks their hash. */
  predictions: string | null;
}

/**
 * What some methods answered on the given runs, all of which they must have.
 * @param methods with their accuracy on each run
 */
export async function answersOf(
  db: Database,
  board: BoardOfImages,
  methods: ReadonlyMap<MethodKey, ReadonlyMap<string, number>>,
  seeds: readonly string[],
): Promise<Map<MethodKey, Answers>> {
  if (seeds.length === 0) return new Map();
  const answered = await correctOf(db, board, [...methods.keys()], seeds);
  return new Map(
    answered.map(({ method, images, predictions }) => {
      const accuracies = methods.get(method)!;
      return [
        method,
        { means: { seeds: Float64Array.from(seeds, (seed) => accuracies.get(seed)!), images }, predictions },
      ];
    }),
  );
}

/** The share of all their runs on which some methods answer each test image right; null if a run lacks its answers. */
export async function imageMeansOf(
  db: Database,
  board: BoardOfImages,
  methods: readonly MethodKey[],
): Promise<Map<MethodKey, Float64Array | null>> {
  const answered = await correctOf(db, board, methods);
  return new Map(answered.map(({ method, images }) => [method, images]));
}

async function correctOf(
  db: Database,
  board: BoardOfImages,
  methods: readonly MethodKey[],
  seeds?: readonly string[],
): Promise<{ method: MethodKey; images: Float64Array | null; predictions: string | null }[]> {
  if (methods.length === 0) return [];
  const isWanted = seeds ? Prisma.sql`seed IN (${Prisma.join([...seeds])})` : Prisma.sql`true`;
  const rows = await db.$queryRaw<
    { method: MethodKey; runs: number; correct: Uint8Array | null; predictions: string | null }[]
  >`
    SELECT method, count(*)::int AS runs, string_agg(correct, ''::bytea ORDER BY seed, id) AS correct,
           CASE WHEN count(predictions_hash) = count(*)
             THEN md5(string_agg(predictions_hash, ' ' ORDER BY seed, id)) END AS predictions
    FROM (${scoresOf(board)}) AS score
    WHERE method IN (${Prisma.join([...methods])}) AND ${isWanted}
    GROUP BY method`;
  return rows.map(({ method, runs, correct, predictions }) => ({
    method,
    predictions,
    images: board.images === null ? null : imageMeans(correct, runs, board.images),
  }));
}

function imageMeans(correct: Uint8Array | null, runs: number, images: number): Float64Array | null {
  const bytes = Math.ceil(images / 8);
  if (correct?.length !== runs * bytes) return null;
  const each = Array.from({ length: runs }, (_, run) => correct.subarray(run * bytes, (run + 1) * bytes));
  return crossedMeans(each, images).images;
}

/** Test images that runs of a recipe are scored on. */
export const testImages = ({ dataset, testSize }: Recipe): number => testSize ?? datasetInfo(dataset).testCount;

/** Every visible score of a board: `method`, `seed`, `correct`, `predictions_hash` and `id`. */
function scoresOf({ benchmarkId, division }: Board): Prisma.Sql {
  return division === "closed"
    ? Prisma.sql`
        SELECT trajectory.variant || '/' || score.policy_id AS method, trajectory.number::text AS seed,
               score.correct, score.predictions_hash, score.id
        FROM trajectory JOIN score ON score.trajectory_id = trajectory.id
        WHERE ${areRanked(benchmarkId)} AND score.scorer_version = ${scorerVersion}`
    : Prisma.sql`
        SELECT run.variant || '/' || score.policy_id AS method, run.seed::text AS seed,
               score.correct, score.predictions_hash, score.id
        FROM run JOIN run_score AS score ON score.run_id = run.id
        WHERE run.benchmark_id = ${benchmarkId}::uuid AND ${areCounted}`;
}
