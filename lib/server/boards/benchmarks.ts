/** Benchmarks and the state of their boards. */
import "server-only";
import type { Division, Estimate, Resolution } from "@/lib/leaderboard";
import { benchmarks, standings } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/records";
import { isText } from "@/lib/records";
import type { Visibility } from "@/prisma/generated/client";
import { Coalescer } from "../coalescer";
import type { Database } from "../database/client";
import { database } from "../database/client";
import { cached } from "./cache";
import { estimates } from "./metric-columns";
import { resolutions } from "./resolution";

export interface BenchmarkInfo {
  slug: string;
  version: number;
  title: string;
  /** What this benchmark shows, in one sentence. */
  summary: string;
  dataset: string;
  recipe: Recipe;
  /** The runs that its Closed board is made of: this site's held-out ones, or published results until it has enough. */
  rankedOn: "held-out" | "published";
}

export interface BenchmarkSummary extends BenchmarkInfo {
  /** Methods of the Closed division. */
  methods: number;
  /** The most runs that any of them was scored on. */
  recordedRuns: number;
  /** How many its methods are to be scored on; null for a benchmark that this version of the software doesn't have. */
  plannedRuns: number | null;
  /** Methods of the Open division. */
  openMethods: number;
  /** Runs that users published on its board. */
  runs: number;
  /** The most seeds that one of its Open methods has. */
  openSeeds: number;
  /** Seeds that would tell the first of these methods from the last; null where that isn't known, or none is needed. */
  openSeedsNeeded: number | null;
  latestRunAt: Date | null;
  /** How well its methods are told apart; null until they are first ranked. */
  resolution: Resolution | null;
  /** How many methods are among the best: none is better, and some are worse. Of equal predictions one counts. */
  best: number;
  /** The method with the highest mean accuracy in the Closed division. */
  leader: { method: string; policy: { slug: string; name: string }; accuracy: Estimate; n: number } | null;
}

const columns = {
  id: true,
  slug: true,
  version: true,
  title: true,
  summary: true,
  dataset: true,
  recipe: true,
  rankedOn: true,
} as const;

/** The newest version of every benchmark, in the order they were added, with the activity on its board. */
export async function listBenchmarks(db: Database = database()): Promise<BenchmarkSummary[]> {
  const revisions = (await readBoards(db)).map(({ revision }) => revision).join();
  return cached(revisions, "benchmarks", () => summarize(db));
}

async function summarize(db: Database): Promise<BenchmarkSummary[]> {
  const rows = await db.benchmark.findMany({
    distinct: ["slug"],
    orderBy: [{ slug: "asc" }, { version: "desc" }],
    select: { ...columns, createdAt: true },
  });
  const [busy, methods, best, ranked, openRanked] = await Promise.all([
    db.$queryRaw<{ id: string; runs: number; latest: Date }[]>`
      SELECT benchmark_id::text AS id, count(*)::int AS runs, max(created_at) AS latest
      FROM run WHERE hidden_at IS NULL AND benchmark_id IS NOT NULL GROUP BY 1`,
    db.boardRow.groupBy({ by: ["benchmarkId", "division"], _count: true, _max: { n: true } }),
    db.boardRow.groupBy({
      by: ["benchmarkId"],
      where: { division: "closed", standing: standings.indexOf("best"), sameAs: null },
      _count: true,
    }),
    resolutions(db, { division: "closed" }),
    resolutions(db, { division: "open" }),
  ]);
  const boardOf = (id: string, division: Division) =>
    methods.find((board) => board.benchmarkId === id && board.division === division);
  return Promise.all(
    rows
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.id.localeCompare(b.id))
      .map(async (benchmark) => {
        const { runs = 0, latest = null } = busy.find(({ id }) => id === benchmark.id) ?? {};
        return {
          ...info(benchmark),
          methods: boardOf(benchmark.id, "closed")?._count ?? 0,
          recordedRuns: boardOf(benchmark.id, "closed")?._max.n ?? 0,
          plannedRuns:
            benchmarks.find(({ slug, version }) => slug === benchmark.slug && version === benchmark.version)
              ?.heldOutRuns ?? null,
          openMethods: boardOf(benchmark.id, "open")?._count ?? 0,
          openSeeds: boardOf(benchmark.id, "open")?._max.n ?? 0,
          openSeedsNeeded: openRanked.get(benchmark.id)?.seedsNeeded ?? null,
          runs,
          latestRunAt: latest,
          resolution: ranked.get(benchmark.id) ?? null,
          best: best.find(({ benchmarkId }) => benchmarkId === benchmark.id)?._count ?? 0,
          leader: await leaderOf(benchmark.id, db),
        };
      }),
  );
}

/** The method with the highest mean accuracy in the Closed division; null on an empty board. */
async function leaderOf(benchmarkId: string, db: Database): Promise<BenchmarkSummary["leader"]> {
  const leader = await db.boardRow.findFirst({
    where: { benchmarkId, division: "closed", sameAs: null },
    orderBy: [{ accuracyMean: "desc" }, { variant: "asc" }, { policyId: "asc" }],
    include: { policy: { select: { slug: true, name: true } } },
  });
  return (
    leader && {
      method: `${leader.variant}/${leader.policy.slug}`,
      policy: leader.policy,
      accuracy: estimates(leader).accuracy,
      n: leader.n,
    }
  );
}

/** A benchmark by its slug, the newest version unless one is given; null if there is none. */
export async function findBenchmark(
  slug: string,
  version?: number,
  db: Database = database(),
): Promise<(BenchmarkInfo & { id: string }) | null> {
  if (!isText(slug)) return null;
  const row = await db.benchmark.findFirst({
    where: { slug, ...(version !== undefined && { version }) },
    orderBy: { version: "desc" },
    select: columns,
  });
  return row && { id: row.id, ...info(row) };
}

export interface FoundBoard extends BenchmarkInfo {
  id: string;
  /** Identifies the board and its state: changes with every change of the board, unique across boards. */
  revision: string;
}

/** A benchmark, as `findBenchmark` returns it, with the revision of one of its boards. */
export async function findBoard(
  slug: string,
  { version, division }: { version?: number | undefined; division: Division },
  db: Database = database(),
): Promise<FoundBoard | null> {
  const row = (await readBoards(db)).find(
    (board) =>
      board.slug === slug && board.division === division && (version === undefined || board.version === version),
  );
  return row ? { id: row.id, revision: row.revision, ...info(row) } : null;
}

/** The newest version of every benchmark, in the order they were added, with the revision of one of its boards. */
export async function newestBoards(division: Division, db: Database = database()): Promise<FoundBoard[]> {
  const boards = (await readBoards(db)).filter((board) => board.division === division);
  return boards
    .filter((board, index) => boards.findIndex(({ slug }) => slug === board.slug) === index)
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.id.localeCompare(b.id))
    .map((board) => ({ id: board.id, revision: board.revision, ...info(board) }));
}

type BoardOfBenchmark = Row & Pick<FoundBoard, "id" | "revision"> & { division: Division; createdAt: Date };

const reading = new Coalescer<BoardOfBenchmark[]>();

/** Both boards of every benchmark, newest versions first: the one query that even a cached response needs. */
const readBoards = (db: Database): Promise<BoardOfBenchmark[]> =>
  reading.run(
    db,
    () => db.$queryRaw`
      SELECT id::text, slug, version, title, summary, dataset, recipe, ranked_on AS "rankedOn", created_at AS "createdAt",
             each.division::text AS division,
             concat_ws('/', id, each.division, coalesce(revision, 0), (SELECT max(created_at) FROM imported_dump))
               AS revision
      FROM benchmark CROSS JOIN unnest(enum_range(NULL::division)) AS each (division)
      LEFT JOIN board_revision ON benchmark_id = id AND board_revision.division = each.division
      ORDER BY version DESC`,
  );

/** When a benchmark's boards last changed, or when it was added if they are empty. */
export async function lastChange(benchmarkId: string, db: Database = database()): Promise<Date> {
  const { _max } = await db.boardRow.aggregate({ where: { benchmarkId }, _max: { updatedAt: true } });
  return (
    _max.updatedAt ??
    (await db.benchmark.findUniqueOrThrow({ where: { id: benchmarkId }, select: { createdAt: true } })).createdAt
  );
}

type Row = Omit<BenchmarkInfo, "recipe" | "rankedOn"> & { recipe: unknown; rankedOn: Visibility };

/** `recipe` was parsed when it was stored. */
export const info = ({ slug, version, title, summary, dataset, recipe, rankedOn }: Row): BenchmarkInfo => ({
  slug,
  version,
  title,
  summary,
  dataset,
  recipe: recipe as Recipe,
  rankedOn: rankedOn === "results_only" ? "published" : "held-out",
});
