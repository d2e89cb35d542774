/**
 * Ranks of a board: which methods share all predictions, the ranks that each may hold, and how well the board tells its
 * methods apart. Comparisons of single pairs use what is stored here, so a pair has one answer everywhere.
 */
import "server-only";
import { isDeepStrictEqual } from "node:util";
import { firstStepsAgain, standingOf, standings, variantLabels } from "@/lib/leaderboard";
import type { Recipe, Variant } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import { enqueueAuditsOf } from "../audits/which";
import { Coalescer } from "../coalescer";
import type { Database } from "../database/client";
import { notify } from "../notices/notify";
import { shareWork } from "../shared-work";
import type { MethodKey } from "./answers";
import { accuraciesOf, answersOf, testImages } from "./answers";
import type { Method, Placed, Summary } from "./place";
import { byMean, place, sharedSeeds } from "./place";
import type { Board } from "./revisions";
import { boardKey, bumpRevisions } from "./revisions";

const ranking = new Coalescer<void>();

/** Ranking takes up to a second: at most a third of a processor for each board, however often it changes. */
const pace = { pauseAfter: (workMs: number) => Math.min(30_000, 2 * workMs), limitMs: 600_000 };

/** Brings a board's ranks up to date. Never throws: they can be recomputed at any time. */
export const rankBoard = (db: PrismaClient, board: Board): Promise<void> =>
  ranking.run(boardKey(board), () =>
    shareWork(db, `${boardKey(board)}/rank`, (tx) => rank(tx, board), pace).catch((error: unknown) =>
      console.error(`Ranking ${boardKey(board)}:`, error),
    ),
  );

async function rank(tx: Database, board: Board): Promise<void> {
  const { benchmarkId, division } = board;
  const key = { benchmarkId_division: { benchmarkId, division } };
  // Before the rows: they may be newer, and are then ranked once more.
  const { revision } = (await tx.boardRevision.findUnique({ where: key })) ?? { revision: 0n };
  const before = await tx.boardRanking.findUnique({ where: key, select: { revision: true } });
  if (before?.revision === revision) return;
  const { recipe } = await tx.benchmark.findUniqueOrThrow({ where: { id: benchmarkId }, select: { recipe: true } });
  const rows = await rowsOf(tx, board);
  if (rows.length === 0) return void (await tx.boardRanking.deleteMany({ where: board }));
  const accuracies = await accuraciesOf(tx, board);
  const runs = rows.map((row) => ({ ...row, accuracies: accuracies.get(row.key) ?? new Map<string, number>() }));
  const seeds = sharedSeeds(runs.map((row) => row.accuracies));
  let compared = byMean(
    runs.filter((row) => seeds.length > 0 && seeds.every((seed) => row.accuracies.has(seed))),
    seeds,
  );
  const read = (methods: readonly Method[]) =>
    answersOf(
      tx,
      { ...board, images: testImages(recipe as Recipe) },
      new Map(methods.map((method) => [method.key, method.accuracies])),
      seeds,
    );
  let ranked = await place(compared, seeds.length, read);
  // Without a method that may not lead, another one may be first that may not either.
  for (;;) {
    const leading = compared.filter(({ key, mayLead }) => !mayLead && ranked.placed.get(key)?.band?.from === 1);
    if (leading.length === 0) break;
    await enqueueAuditsOf(tx, { benchmarkId, methods: leading.map(({ key }) => key) });
    compared = compared.filter((row) => !leading.includes(row));
    ranked = await place(compared, seeds.length, read);
  }
  const { placed, summary } = ranked;
  await tellOvertaken(tx, board, runs, placed, summary.methods);
  const changed = await store(tx, board, runs, placed, { ...summary, seeds, runs: seeds.length });
  if (changed) await bumpRevisions(tx, [board]);
  await tx.$executeRaw`
    UPDATE board_ranking AS ranking
    SET revision = CASE WHEN board.revision = ${revision + (changed ? 1n : 0n)} THEN board.revision ELSE ${revision} END
    FROM board_revision AS board
    WHERE (ranking.benchmark_id, ranking.division) = (${benchmarkId}::uuid, ${division}::division)
      AND (board.benchmark_id, board.division) = (ranking.benchmark_id, ranking.division)`;
}

interface RowToRank extends Method {
  /** Place by mean accuracy among the rows of its author. */
  authorPlace: number | null;
  /** Whether it may be first: in the Open division, only if the server trained all of its runs again. */
  mayLead: boolean;
  /** Whether it was among the best when the board was last ranked. */
  wasBest: boolean;
  /** Of its policy; null for a built-in one. */
  authorId: string | null;
  policyName: string;
}

/** Tells the authors of policies that were among the best, and behind which some are now. */
async function tellOvertaken(
  tx: Database,
  { benchmarkId }: Board,
  rows: readonly RowToRank[],
  placed: ReadonlyMap<MethodKey, Placed>,
  methods: number,
): Promise<void> {
  const behind = rows.filter(({ key, wasBest }) => {
    const band = placed.get(key)?.band;
    return wasBest && band && standingOf({ first: band.from, last: band.to }, methods) === "behind";
  });
  if (behind.length === 0) return;
  const { title, slug } = await tx.benchmark.findUniqueOrThrow({
    where: { id: benchmarkId },
    select: { title: true, slug: true },
  });
  await notify(
    tx,
    behind.map(({ authorId, policyName, key }) => ({
      userId: authorId,
      kind: "overtaken",
      title: policyName,
      href: `/leaderboard/${slug}`,
      text: `${title}, ${variantLabels[key.split("/")[0] as Variant]}: it was among the best, and ${placed.get(key)!.band!.from - 1} are better now.`,
    })),
  );
}

/** Those of built-in policies first, then in the order of submission: the first of equal ones stands for them. */
async function rowsOf(tx: Database, { benchmarkId, division }: Board): Promise<Omit<RowToRank, "accuracies">[]> {
  const rows = await tx.boardRow.findMany({
    where: { benchmarkId, division, policy: { hiddenAt: null, issues: { equals: Prisma.DbNull } } },
    orderBy: [
      { policy: { builtIn: { sort: "asc", nulls: "last" } } },
      { policy: { createdAt: "asc" } },
      { variant: "asc" },
      { id: "asc" },
    ],
    select: {
      id: true,
      variant: true,
      policyId: true,
      accuracyMean: true,
      tier: true,
      standing: true,
      policy: { select: { authorId: true, builtIn: true, name: true } },
    },
  });
  const seen = new Map<string | null, number>();
  const places = new Map<string, number>();
  for (const { id, policy } of [...rows].sort((a, b) => b.accuracyMean - a.accuracyMean)) {
    if (policy.builtIn !== null) continue;
    const place = 1 + (seen.get(policy.authorId) ?? 0);
    seen.set(policy.authorId, place);
    places.set(id, place);
  }
  return rows.map(({ id, variant, policyId, tier, standing, policy }) => ({
    id,
    key: `${variant}/${policyId}`,
    authorPlace: places.get(id) ?? null,
    mayLead: division === "closed" || tier >= firstStepsAgain,
    wasBest: standing === standings.indexOf("best"),
    authorId: policy.authorId,
    policyName: policy.name,
  }));
}

/** Stores ranks and what the board tells apart; true if anything changed. */
async function store(
  tx: Database,
  { benchmarkId, division }: Board,
  rows: readonly RowToRank[],
  placed: ReadonlyMap<MethodKey, Placed>,
  {
    seeds,
    runs,
    methods,
    images,
    alike,
    critical,
    pairs,
    toldApart,
    smallest,
    seedsNeeded,
    exact,
  }: Summary & {
    seeds: string[];
    runs: number;
  },
): Promise<boolean> {
  const ranks = rows.map(({ id, key, authorPlace }) => {
    const { sameAs = null, band = null, gap = null } = placed.get(key) ?? {};
    const standing = band && standings.indexOf(standingOf({ first: band.from, last: band.to }, methods));
    return { id, same: sameAs, place: authorPlace, first: band?.from, last: band?.to, standing, ...gap };
  });
  const changed = await tx.$executeRaw`
    UPDATE board_row AS old
    SET band_first = new.first, band_last = new.last, standing = new.standing, same_as = new.same, author_place = new.place,
        gap_mean = new.mean, gap_low = new.low, gap_high = new.high
    FROM jsonb_to_recordset(${JSON.stringify(ranks)}::jsonb)
      AS new(id uuid, first int, last int, same text, place int, standing int, mean float8, low float8, high float8)
    WHERE old.id = new.id
      AND (old.band_first, old.band_last, old.standing, old.same_as, old.author_place, old.gap_mean, old.gap_low, old.gap_high)
        IS DISTINCT FROM (new.first, new.last, new.standing, new.same, new.place, new.mean, new.low, new.high)`;
  const stored = {
    seeds,
    runs,
    methods,
    images,
    alike: alike ?? null,
    critical: critical ?? null,
    pairs: pairs ?? null,
    toldApart: toldApart ?? null,
    smallest: smallest ?? null,
    seedsNeeded: seedsNeeded ?? null,
    exact: exact ?? null,
  };
  const where = { benchmarkId_division: { benchmarkId, division } };
  const before = await tx.boardRanking.findUnique({ where });
  await tx.boardRanking.upsert({
    where,
    create: { benchmarkId, division, ...stored },
    update: { ...stored, rankedAt: new Date() },
  });
  return changed > 0 || !isDeepStrictEqual({ ...before, ...stored }, before);
}

/** Boards that have changed since they were ranked. */
export const unrankedBoards = (db: Database): Promise<Board[]> => db.$queryRaw`
  SELECT benchmark_id::text AS "benchmarkId", division::text AS division
  FROM board_revision AS board LEFT JOIN board_ranking AS ranking USING (benchmark_id, division)
  WHERE ranking.revision IS DISTINCT FROM board.revision
    AND (ranking.methods IS NOT NULL OR EXISTS (
      SELECT 1 FROM board_row AS method WHERE (method.benchmark_id, method.division) = (board.benchmark_id, board.division)))`;
