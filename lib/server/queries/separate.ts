/** "Can this benchmark separate these two?": two methods of a board, paired seed by seed. */
import "server-only";
import { discordant, mcnemarExact, pairedDifference, seedsNeeded, tieMargin, verdict } from "@/lib/evaluation";
import type { PairedDifference, Verdict } from "@/lib/evaluation";
import { decodeSafetensors } from "@/lib/training/safetensors";
import { artifacts } from "../artifacts";
import type { ArtifactStore } from "../artifacts";
import { testData } from "../datasets";
import { database } from "../db";
import type { Database } from "../db";
import { scorerVersion } from "../scoring/version";
import { findBenchmark } from "./benchmarks";
import type { BenchmarkInfo } from "./benchmarks";
import type { Division } from "./board";
import { seedFigures } from "./seeds";

export interface Separation {
  benchmark: BenchmarkInfo;
  division: Division;
  /** `variant/policy slug`. */
  a: string;
  b: string;
  /** Accuracy on each seed that both were scored on. */
  points: { label: string; a: number; b: number; difference: number }[];
  /** a − b over these seeds, with its 95 % interval; null where they share none. */
  difference: PairedDifference | null;
  /** What the difference says of a. */
  verdict: Verdict;
  /** Differences up to this count as none. */
  tieMargin: number;
  /** Seeds in all that would settle a difference as large as this one with a chance of 80 %; null where ten thousand would not, or fewer than two are shared. */
  seedsNeeded: number | null;
  /** McNemar's exact test on the predictions of each held-out run; empty in the Open division. */
  mcnemar: { label: string; onlyARight: number; onlyBRight: number; pValue: number }[];
}

interface Parts {
  db: Database;
  store: ArtifactStore;
  testData: typeof testData;
}

/** Null where there is no such benchmark, or a method is not on its board. */
export async function separate(
  slug: string,
  { a, b, division = "closed", version }: { a: string; b: string; division?: Division | undefined; version?: number | undefined },
  { db, store, testData: labels }: Parts = { db: database(), store: artifacts(), testData },
): Promise<Separation | null> {
  const found = await findBenchmark(slug, version, db);
  if (!found) return null;
  const { id: benchmarkId, ...benchmark } = found;
  const methods = await Promise.all([a, b].map((method) => methodOn(db, { benchmarkId, division, method })));
  const [first, second] = methods;
  if (!first || !second) return null;

  const figures = await seedFigures(db, { benchmarkId, division, policyIds: [first.policyId, second.policyId] });
  const of = ({ policyId, variant }: Method) => new Map(figures.filter((row) => row.policyId === policyId && row.variant === variant).map(({ seed, accuracy }) => [seed, accuracy]));
  const [ofA, ofB] = [of(first), of(second)];
  const label = (seed: string) => (division === "closed" ? `held-out ${seed}` : seed);
  const points = [...ofA].flatMap(([seed, own]) => {
    const other = ofB.get(seed);
    return other === undefined ? [] : [{ label: label(seed), a: own, b: other, difference: own - other }];
  });
  const difference = points.length ? pairedDifference(points.map((point) => point.a), points.map((point) => point.b)) : null;
  return {
    benchmark,
    division,
    a,
    b,
    points,
    difference,
    verdict: difference ? verdict(difference) : "unresolved",
    tieMargin,
    seedsNeeded: points.length > 1 ? seedsNeeded(points.map((point) => point.difference)) : null,
    mcnemar: division === "closed" ? await mcnemar(first, second) : [],
  };

  async function mcnemar(one: Method, other: Method): Promise<Separation["mcnemar"]> {
    const data = await labels(benchmark.dataset);
    if ("reason" in data) return []; // no copy of the labels here any more
    const [keysA, keysB] = await Promise.all([predictionsOf(db, benchmarkId, one), predictionsOf(db, benchmarkId, other)]);
    const tests = await Promise.all(
      [...keysA].map(async ([number, keyA]) => {
        const [predictedA, predictedB] = await Promise.all([readPredictions(store, keyA), readPredictions(store, keysB.get(number))]);
        if (!predictedA || !predictedB) return [];
        const { onlyFirstRight, onlySecondRight } = discordant(data.testLabels, predictedA, predictedB);
        return [{ label: label(String(number)), onlyARight: onlyFirstRight, onlyBRight: onlySecondRight, pValue: mcnemarExact(onlyFirstRight, onlySecondRight) }];
      }),
    );
    return tests.flat();
  }
}

interface Method {
  policyId: string;
  variant: string;
}

async function methodOn(db: Database, { benchmarkId, division, method }: { benchmarkId: string; division: Division; method: string }): Promise<Method | null> {
  const [variant, policy] = method.split("/");
  if (!variant || !policy) return null;
  return db.boardRow.findFirst({ where: { benchmarkId, division, variant, policy: { slug: policy, hiddenAt: null } }, select: { policyId: true, variant: true } });
}

/** Keys of a method's predictions by the number of the held-out run, in its order. */
async function predictionsOf(db: Database, benchmarkId: string, { policyId, variant }: Method): Promise<Map<number, string>> {
  const rows = await db.score.findMany({
    where: { policyId, scorerVersion, trajectory: { benchmarkId, variant, visibility: "held_out" } },
    orderBy: { trajectory: { number: "asc" } },
    select: { predictionsKey: true, trajectory: { select: { number: true } } },
  });
  return new Map(rows.map(({ predictionsKey, trajectory }) => [trajectory.number, predictionsKey]));
}

async function readPredictions(store: ArtifactStore, key: string | undefined): Promise<Uint8Array | null> {
  const file = key === undefined ? null : await store.get(key);
  const values = file && decodeSafetensors(file).tensors[0]?.values;
  return values instanceof Uint8Array ? values : null;
}
