/** Benchmarks, newest version of each. */
import "server-only";
import type { Estimate } from "@/lib/leaderboard";
import type { Recipe } from "@/lib/training/recipe";
import { database } from "../db";
import type { Database } from "../db";
import { estimates } from "./estimates";

export interface BenchmarkInfo {
  slug: string;
  version: number;
  title: string;
  /** One sentence: what this regime shows. */
  summary: string;
  dataset: string;
  recipe: Recipe;
}

export interface BenchmarkSummary extends BenchmarkInfo {
  /** Published runs on its board. */
  runs: number;
  methods: number;
  /** Methods of the Closed division. */
  closedMethods: number;
  latestRunAt: Date | null;
  /** The method with the highest mean accuracy in the Open division. */
  leader: { method: string; policy: { slug: string; name: string }; accuracy: Estimate; n: number } | null;
}

const columns = { id: true, slug: true, version: true, title: true, summary: true, dataset: true, recipe: true } as const;

/** Every benchmark's newest version, in the order they were added, with how busy its board is. */
export async function listBenchmarks(db: Database = database()): Promise<BenchmarkSummary[]> {
  const closed = await db.boardRow.groupBy({ by: ["benchmarkId"], where: { division: "closed" }, _count: true });
  const rows = await db.benchmark.findMany({
    distinct: ["slug"],
    orderBy: [{ slug: "asc" }, { version: "desc" }],
    select: {
      ...columns,
      createdAt: true,
      _count: { select: { runs: { where: { hiddenAt: null } }, boardRows: { where: { division: "open" } } } },
      runs: { where: { hiddenAt: null }, orderBy: { createdAt: "desc" }, take: 1, select: { createdAt: true } },
      boardRows: {
        where: { division: "open" },
        orderBy: [{ accuracyMean: "desc" }, { variant: "asc" }, { policyId: "asc" }],
        take: 1,
        include: { policy: { select: { slug: true, name: true } } },
      },
    },
  });
  return rows
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.id.localeCompare(b.id))
    .map(({ _count, runs, boardRows: [leader], ...benchmark }) => ({
      ...info(benchmark),
      runs: _count.runs,
      methods: _count.boardRows,
      closedMethods: closed.find(({ benchmarkId }) => benchmarkId === benchmark.id)?._count ?? 0,
      latestRunAt: runs[0]?.createdAt ?? null,
      leader: leader
        ? { method: `${leader.variant}/${leader.policy.slug}`, policy: leader.policy, accuracy: estimates(leader).accuracy, n: leader.n }
        : null,
    }));
}

/** The benchmark's row: its newest version where none is named; null where there is none such. */
export async function findBenchmark(slug: string, version?: number, db: Database = database()): Promise<(BenchmarkInfo & { id: string }) | null> {
  const row = await db.benchmark.findFirst({ where: { slug, version }, orderBy: { version: "desc" }, select: columns });
  return row && { id: row.id, ...info(row) };
}

type Row = Omit<BenchmarkInfo, "recipe"> & { recipe: unknown };

/** `recipe` was parsed when it was stored. */
export const info = ({ slug, version, title, summary, dataset, recipe }: Row): BenchmarkInfo => ({ slug, version, title, summary, dataset, recipe: recipe as Recipe });
