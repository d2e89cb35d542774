/** A board of many methods, written directly to the database: for tests of reading boards, not of computing them. */
import { builtInPolicies, parsePolicy, policyHash, schedule } from "@/lib/dmbn/policy";
import type { Division } from "@/lib/leaderboard";
import { standings } from "@/lib/leaderboard";
import { metricNames } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";

interface Options {
  benchmark: string;
  division: Division;
  methods: number;
  /** Names of the accounts that own the policies. */
  authors: readonly string[];
}

/** Figures from so few values that many rows tie; some lack an interval, a rank or a gap. */
export async function aBoard(db: PrismaClient, { benchmark, division, methods, authors }: Options): Promise<void> {
  const { id: benchmarkId } = await db.benchmark.findFirstOrThrow({ where: { slug: benchmark } });
  const users = await Promise.all(
    authors.map((name) => db.user.upsert({ where: { name }, create: { name }, update: {} })),
  );
  const policies = Array.from({ length: methods }, (_, index) => {
    const document = parsePolicy(schedule(String((division === "open" ? 0.1013 : 0.1117) + (0.8 * index) / methods)));
    const name = `Constant ${index % 7 === 0 ? "50%_off" : "β"} ${index}`;
    return {
      slug: `generated-${division}-${index}`,
      hash: policyHash(document),
      name,
      givenName: name,
      description: "",
      rule: String(index / methods),
      kind: (["schedule", "select", "recalibrate"] as const)[index % 3]!,
      document,
      authorId: index % 5 === 0 ? null : users[index % users.length]!.id,
      builtIn: index % 5 === 0 ? builtInPolicies.length + index : null,
    };
  });
  const made = await db.policy.createManyAndReturn({ data: policies, select: { id: true } });
  const rows = made.map(({ id }, index) => {
    const single = index % 6 === 0;
    const figures = metricNames.flatMap((metric, m) => {
      const mean = 0.5 + ((index * (m + 3)) % 17) / 40;
      return [
        [`${metric}Mean`, mean],
        [`${metric}Deviation`, single ? null : 0.01],
        [`${metric}Low`, single ? null : mean - 0.01],
        [`${metric}High`, single ? null : mean + 0.01],
      ];
    });
    return {
      benchmarkId,
      division,
      variant: index % 2 === 0 ? "bn" : "bn-bfn",
      policyId: id,
      tier: division === "closed" ? 4 : 1 + (index % 3),
      runs: 1 + (index % 4),
      n: single ? 1 : 5,
      reproduced: division === "open" && index % 4 === 1 ? 1 : 0,
      backends: division === "closed" ? [] : index % 3 === 0 ? ["webgpu"] : ["cpu", "wasm"],
      ...(index % 4 === 0
        ? {}
        : {
            bandFirst: 1 + (index % 9),
            bandLast: 9 + (index % 11),
            standing: index % standings.length,
            gapMean: -((index % 13) / 100),
            gapLow: -0.2,
            gapHigh: 0,
          }),
      firstAt: new Date(Date.UTC(2026, 0, 1 + (index % 28))),
      ...Object.fromEntries(figures),
    };
  });
  await db.boardRow.createMany({
    data: rows as Parameters<typeof db.boardRow.createMany>[0] extends { data: infer Data } | undefined
      ? Extract<Data, unknown[]>
      : never,
  });
}
