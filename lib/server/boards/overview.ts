/** Every policy's accuracy on each benchmark and variant, for a chart over all boards. */
import "server-only";
import type { Division } from "@/lib/leaderboard";
import type { Recipe, Variant } from "@/lib/records";
import type { Database } from "../database/client";
import { database } from "../database/client";

export interface Overview {
  /** Benchmarks and variants with rows, in the order the benchmarks were added. */
  axes: { benchmark: { slug: string; title: string; recipe: Recipe }; variant: Variant }[];
  policies: {
    slug: string;
    name: string;
    document: unknown;
    /** Mean accuracy on each axis; null if the policy has not been scored. */
    accuracy: (number | null)[];
  }[];
}

/** More lines than this are indistinguishable in the chart. */
const maxPolicies = 150;

/** The policies that are on the most boards; ties are broken by the highest mean accuracy. */
export async function overview(division: Division, db: Database = database()): Promise<Overview> {
  const benchmarks = await db.benchmark.findMany({
    distinct: ["slug"],
    orderBy: [{ slug: "asc" }, { version: "desc" }],
    select: { id: true, slug: true, title: true, recipe: true, createdAt: true },
  });
  const columns = { benchmarkId: true, variant: true, policyId: true, accuracyMean: true } as const;
  const where = { division, benchmarkId: { in: benchmarks.map(({ id }) => id) }, policy: { hiddenAt: null } };
  const widest = await db.boardRow.groupBy({
    by: ["policyId"],
    where,
    _count: true,
    _avg: { accuracyMean: true },
    orderBy: [{ _count: { policyId: "desc" } }, { _avg: { accuracyMean: "desc" } }],
    take: maxPolicies,
  });
  const policyIds = widest.map(({ policyId }) => policyId);
  const [rows, policies] = await Promise.all([
    db.boardRow.findMany({ where: { ...where, policyId: { in: policyIds } }, select: columns }),
    db.policy.findMany({
      where: { id: { in: policyIds } },
      select: { id: true, slug: true, name: true, document: true },
    }),
  ]);
  const axes = benchmarks
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.slug.localeCompare(b.slug))
    .flatMap((benchmark) =>
      [...new Set(rows.filter(({ benchmarkId }) => benchmarkId === benchmark.id).map(({ variant }) => variant))]
        .sort()
        .map((variant) => ({ benchmark, variant })),
    );
  const accuracies = new Map(
    rows.map(({ benchmarkId, variant, policyId, accuracyMean }) => [
      `${benchmarkId} ${variant} ${policyId}`,
      accuracyMean,
    ]),
  );
  return {
    axes: axes.map(({ benchmark: { slug, title, recipe }, variant }) => ({
      benchmark: { slug, title, recipe: recipe as Recipe },
      variant: variant as Variant,
    })),
    policies: policyIds.flatMap((id) => {
      const policy = policies.find((row) => row.id === id);
      return policy
        ? [
            {
              slug: policy.slug,
              name: policy.name,
              document: policy.document,
              accuracy: axes.map(
                ({ benchmark, variant }) => accuracies.get(`${benchmark.id} ${variant} ${id}`) ?? null,
              ),
            },
          ]
        : [];
    }),
  };
}
