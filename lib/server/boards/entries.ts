/** The board of a benchmark, read from its materialised rows. */
import "server-only";
import type { BoardEntry, Division, MetricName } from "@/lib/leaderboard";
import { betterDirection } from "@/lib/leaderboard";
import type { Variant } from "@/lib/records";
import type { Prisma } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { database } from "../database/client";
import type { BenchmarkInfo } from "./benchmarks";
import { findBenchmark, info } from "./benchmarks";
import { estimateColumns, estimates } from "./estimates";
import { seedFigures } from "./seeds";

export type { BoardEntry, Division };

export interface Board {
  benchmark: BenchmarkInfo;
  rows: BoardEntry[];
}

export interface BoardOptions {
  /** The newest where absent. */
  version?: number;
  division?: Division;
  sort?: MetricName;
  /** Better first where absent: descending, ascending for ESM. */
  direction?: "asc" | "desc";
  take?: number;
  /** Whether rows come with each seed's figures. */
  points?: boolean;
}

const entryColumns = {
  ...estimateColumns,
  variant: true,
  division: true,
  tier: true,
  runs: true,
  n: true,
  bandFirst: true,
  bandLast: true,
  gapMean: true,
  gapLow: true,
  gapHigh: true,
  backends: true,
  firstAt: true,
  updatedAt: true,
  policy: {
    select: { slug: true, name: true, rule: true, kind: true, builtIn: true, author: { select: { name: true } } },
  },
} satisfies Prisma.BoardRowSelect;

/** A benchmark and its methods, best mean first; null where there is no such benchmark. */
export async function board(
  slug: string,
  {
    version,
    division = "open",
    sort = "accuracy",
    direction = betterDirection[sort] === "higher" ? "desc" : "asc",
    take = 1000,
    points = false,
  }: BoardOptions = {},
  db: Database = database(),
): Promise<Board | null> {
  const benchmark = await findBenchmark(slug, version, db);
  if (!benchmark) return null;
  const { id, ...described } = benchmark;
  const rows = await db.boardRow.findMany({
    where: { benchmarkId: id, division },
    orderBy: [{ [`${sort}Mean`]: direction }, { variant: "asc" }, { policyId: "asc" }],
    take,
    select: { ...entryColumns, policyId: true },
  });
  if (!points) return { benchmark: described, rows: rows.map(({ policyId: _, ...row }) => entry(row)) };
  const bySeed = await seedFigures(db, {
    benchmarkId: id,
    division,
    policyIds: [...new Set(rows.map(({ policyId }) => policyId))],
  });
  return {
    benchmark: described,
    rows: rows.map(({ policyId, ...row }) => ({
      ...entry(row),
      points: bySeed
        .filter((one) => one.policyId === policyId && one.variant === row.variant)
        .map(({ policyId: _, variant: __, seed, ...figures }) => ({
          label: division === "closed" ? `held-out ${seed}` : seed,
          ...figures,
        })),
    })),
  };
}

/**
 * The named methods of one board with their policies' documents, in the order asked; null for one that is not on it.
 */
export async function entriesOf(
  db: Database,
  { benchmarkId, division, methods }: { benchmarkId: string; division: Division; methods: readonly string[] },
): Promise<({ policyId: string; document: unknown; entry: BoardEntry } | null)[]> {
  const rows = await db.boardRow.findMany({
    where: {
      benchmarkId,
      division,
      OR: methods.map((method) => ({
        variant: method.split("/")[0]!,
        policy: { slug: method.split("/")[1] ?? "", hiddenAt: null },
      })),
    },
    select: { ...entryColumns, policyId: true, policy: { select: { ...entryColumns.policy.select, document: true } } },
  });
  const found = rows.map(({ policyId, ...row }) => ({ policyId, document: row.policy.document, entry: entry(row) }));
  return methods.map((method) => found.find((one) => one.entry.method === method) ?? null);
}

/** A policy's place on one board. */
export interface Standing {
  benchmark: BenchmarkInfo;
  /** 1 for the highest mean accuracy among the methods of the board; equal means share a place. */
  place: number;
  /** Methods on that board. */
  of: number;
  entry: BoardEntry;
}

/** Where a policy stands on every board, boards in the order they were added. */
export async function standings(policyId: string, db: Database = database()): Promise<Standing[]> {
  const rows = await db.boardRow.findMany({
    where: { policyId },
    orderBy: [{ benchmark: { createdAt: "asc" } }, { benchmarkId: "asc" }, { division: "asc" }, { variant: "asc" }],
    select: { ...entryColumns, benchmarkId: true, benchmark: true },
  });
  return Promise.all(
    rows.map(async ({ benchmark, benchmarkId, ...row }) => {
      const where = { benchmarkId, division: row.division };
      const [better, of] = await Promise.all([
        db.boardRow.count({ where: { ...where, accuracyMean: { gt: row.accuracyMean } } }),
        db.boardRow.count({ where }),
      ]);
      return { benchmark: info(benchmark), place: better + 1, of, entry: entry(row) };
    }),
  );
}

type EntryRow = Prisma.BoardRowGetPayload<{ select: typeof entryColumns }>;

function entry({
  policy,
  variant,
  division,
  tier,
  runs,
  n,
  bandFirst,
  bandLast,
  gapMean,
  gapLow,
  gapHigh,
  backends,
  firstAt,
  updatedAt,
  ...columns
}: EntryRow): BoardEntry {
  return {
    method: `${variant}/${policy.slug}`,
    variant: variant as Variant, // parsed when it was stored
    division,
    policy: {
      slug: policy.slug,
      name: policy.name,
      rule: policy.rule,
      kind: policy.kind,
      builtIn: policy.builtIn !== null,
      author: policy.author?.name ?? null,
    },
    seed: null,
    tier,
    runs,
    n,
    ...estimates(columns),
    band: bandFirst !== null && bandLast !== null ? { first: bandFirst, last: bandLast } : null,
    gap: gapMean !== null ? { mean: gapMean, low: gapLow, high: gapHigh } : null,
    devices: backends as BoardEntry["devices"],
    firstAt,
    updatedAt,
  };
}
