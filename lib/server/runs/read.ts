/** Reads published runs. */
import "server-only";
import type { AuditFinding, WeightsFinding } from "@/lib/leaderboard";
import type { Issue, Manifest, RunRecord, ScoreRecord, Variant } from "@/lib/records";
import type { Audit, Prisma } from "@/prisma/generated/client";
import type { Artifact } from "../artifacts";
import type { Database } from "../database/client";
import { database } from "../database/client";

export interface RunSummary {
  id: string;
  createdAt: Date;
  /** Null once the account is deleted. */
  user: string | null;
  /** Null for a run with custom settings, which is on no board. */
  benchmark: { slug: string; version: number; title: string } | null;
  dataset: string;
  variant: Variant;
  seed: number;
  tier: number;
  /**
   * Whether its board counts it: false for a seed that its author chose, after an audit that differs, and for custom
   * settings.
   */
  ranks: boolean;
  seedFrom: "board" | "author";
  methods: number;
  /** Where it contradicts the rules as they are now; it then ranks nowhere. Empty if it agrees. */
  issues: Issue[];
  /** The method with the highest accuracy in this run. */
  best: { method: string; policy: { slug: string; name: string }; accuracy: number };
}

/** A stored score, with the metrics that the server computed. */
export type RunScoreDetail = Omit<ScoreRecord, "variant" | "policy"> & {
  policy: { slug: string; name: string; rule: string; kind: string };
  /** Σ over layers of ESM_mean + ESM_std. */
  esmTotal: number;
};

export type RunAudit = Pick<AuditFinding, "outcome" | "predictions" | "differing" | "methods" | "reason"> & {
  createdAt: Date;
  /** The flag that it raised. */
  flag: string | null;
};

export type RunWeightsDetail = Pick<WeightsFinding, "reason"> & {
  sha256: string;
  bytes: number;
  /** Null, like the next two, until they are checked. */
  outcome: WeightsFinding["outcome"] | null;
  predictions: number | null;
  differing: number | null;
  flag: string | null;
  /** Where the file is, once policies are scored on it. */
  url: string | null;
  /** How many policies were scored on it. */
  scored: number;
};

export interface RunDetail extends RunSummary {
  manifest: Manifest;
  curves: RunRecord["curves"];
  timings: RunRecord["timings"];
  /** Best accuracy first. */
  scores: RunScoreDetail[];
  /** The file at `/api/v1/runs/[id]/predictions`: safetensors, one u8 tensor per method. */
  predictions: { sha256: string; bytes: number };
  /** What came of its last audit; null if it wasn't audited. */
  audit: RunAudit | null;
  /** Whether it waits for one. */
  auditWaits: boolean;
  /** The weights and the trace that came with it; null if none did. */
  weights: RunWeightsDetail | null;
  reproductionOf: string | null;
  /** How many other users reproduced it. */
  reproductions: number;
  /** Their runs, the oldest first, at most 20. */
  reproducedBy: {
    id: string;
    user: string | null;
    /** The share of predictions that are the same, over the methods that both have; null until compared. */
    agreement: number | null;
  }[];
}

const columns = {
  id: true,
  createdAt: true,
  user: { select: { name: true } },
  benchmark: { select: { slug: true, version: true, title: true } },
  manifest: true,
  variant: true,
  seed: true,
  tier: true,
  ranks: true,
  ticketId: true,
  issues: true,
} satisfies Prisma.RunSelect;

const byAccuracy = [{ accuracy: "desc" }, { id: "asc" }] satisfies Prisma.RunScoreOrderByWithRelationInput[];

const byNewest = [{ createdAt: "desc" }, { id: "desc" }] satisfies Prisma.RunOrderByWithRelationInput[];

export interface RunListOptions {
  take?: number;
  /** Id of the last run of the previous page. */
  after?: string | undefined;
  user?: string | undefined;
  benchmark?: { slug: string; version: number };
}

/** Runs, newest first. */
export async function recentRuns(
  { take = 20, after, user, benchmark }: RunListOptions = {},
  db: Database = database(),
): Promise<RunSummary[]> {
  const owner = user === undefined ? null : await db.user.findUnique({ where: { name: user }, select: { id: true } });
  if (user !== undefined && !owner) return [];
  const rows = await db.run.findMany({
    where: { hiddenAt: null, ...(owner && { userId: owner.id }), ...(benchmark && { benchmark }) },
    orderBy: byNewest,
    take,
    ...(after && { cursor: { id: after }, skip: 1 }),
    select: columns,
  });
  // A separate query: in a join with the runs, PostgreSQL would scan the scores of all runs.
  const scores = await db.runScore.findMany({
    where: { runId: { in: rows.map(({ id }) => id) } },
    orderBy: byAccuracy,
    select: { runId: true, method: true, accuracy: true, policy: { select: { slug: true, name: true } } },
  });
  return rows.map((row) =>
    summary(
      row,
      scores.filter(({ runId }) => runId === row.id),
    ),
  );
}

/** A run with everything that was published; null if there is none, or if it is hidden and `hiddenToo` is false. */
export async function run(id: string, db: Database = database(), hiddenToo = false): Promise<RunDetail | null> {
  if (!uuid.test(id)) return null;
  const row = await db.run.findFirst({
    where: { id, ...(!hiddenToo && { hiddenAt: null }) },
    select: {
      ...columns,
      curves: true,
      timings: true,
      predictionsHash: true,
      predictionsBytes: true,
      reproductionOfId: true,
      userId: true,
      audits: { orderBy: { createdAt: "desc" }, take: 1, omit: { id: true, runId: true, seconds: true } },
      weights: {
        include: { trajectory: { select: { id: true, visibility: true, artifactHash: true } } },
      },
      jobs: { where: { kind: "audit", failedAt: null }, take: 1, select: { id: true } },
      scores: {
        orderBy: byAccuracy,
        omit: { id: true, runId: true, policyId: true, correct: true, predictionsHash: true },
        include: { policy: { select: { slug: true, name: true, rule: true, kind: true } } },
      },
    },
  });
  if (!row) return null;
  const repeats = await db.reproduction.findMany({
    where: {
      runId: id,
      by: { hiddenAt: null, userId: { not: null }, ...(row.userId && { NOT: { userId: row.userId } }) },
    },
    orderBy: { createdAt: "asc" },
    select: { byRunId: true, agreement: true, by: { select: { userId: true, user: { select: { name: true } } } } },
  });
  return {
    ...summary(row, row.scores),
    manifest: row.manifest as unknown as Manifest,
    curves: row.curves as unknown as RunRecord["curves"],
    timings: row.timings as unknown as RunRecord["timings"],
    scores: row.scores.map(({ esm, esmLayers, confusionMatrix, momentumPerLayer, ...score }) => ({
      ...score,
      confusionMatrix: confusionMatrix as ScoreRecord["confusionMatrix"],
      momentumPerLayer: momentumPerLayer as ScoreRecord["momentumPerLayer"],
      esm: esmLayers as unknown as ScoreRecord["esm"],
      esmTotal: esm,
    })),
    predictions: { sha256: row.predictionsHash, bytes: row.predictionsBytes },
    audit: auditOf(row.audits[0]),
    auditWaits: row.jobs.length > 0,
    weights: row.weights && (await weightsOf(row.weights, db)),
    reproductionOf: row.reproductionOfId,
    reproductions: new Set(repeats.map(({ by }) => by.userId)).size,
    reproducedBy: repeats
      .slice(0, mostRepeats)
      .map(({ byRunId, agreement, by }) => ({ id: byRunId, user: by.user?.name ?? null, agreement })),
  };
}

const mostRepeats = 20;

async function weightsOf(
  { artifactHash, artifactBytes, flagId, trajectory, outcome, predictions, differing, reason }: SentWeights,
  db: Database,
): Promise<RunWeightsDetail> {
  const policies = trajectory
    ? await db.score.groupBy({ by: ["policyId"], where: { trajectoryId: trajectory.id } })
    : [];
  return {
    sha256: artifactHash,
    bytes: artifactBytes,
    outcome,
    predictions,
    differing,
    reason,
    flag: flagId,
    url: trajectory?.visibility === "public" ? `/api/v1/trajectories/${trajectory.artifactHash}` : null,
    scored: policies.length,
  };
}

type SentWeights = Prisma.RunWeightsGetPayload<{
  include: { trajectory: { select: { id: true; visibility: true; artifactHash: true } } };
}>;

const auditOf = (row: Omit<Audit, "id" | "runId" | "seconds"> | undefined): RunAudit | null => {
  if (!row) return null;
  const { flagId: flag, methods, ...audit } = row;
  return { ...audit, methods: methods as unknown as RunAudit["methods"], flag };
};

/** Where a run's predictions are in the artifact store, and their hash; null if there is no such run. */
export async function predictionsOf(id: string, db: Database = database()): Promise<Artifact | null> {
  if (!uuid.test(id)) return null;
  const row = await db.run.findFirst({
    where: { id, hiddenAt: null },
    select: { predictionsKey: true, predictionsHash: true },
  });
  return row && { key: row.predictionsKey, hash: row.predictionsHash };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @param scores all scores of the run, best accuracy first */
function summary(
  row: Prisma.RunGetPayload<{ select: typeof columns }>,
  scores: readonly RunSummary["best"][],
): RunSummary {
  const [best] = scores;
  if (!best) throw new Error(`run ${row.id} has no score`);
  return {
    id: row.id,
    createdAt: row.createdAt,
    user: row.user?.name ?? null,
    benchmark: row.benchmark,
    dataset: (row.manifest as unknown as Manifest).dataset.slug, // parsed when it was stored
    variant: row.variant as Variant,
    seed: Number(row.seed),
    tier: row.tier,
    ranks: row.ranks && row.benchmark !== null,
    seedFrom: row.ticketId === null ? "author" : "board",
    methods: scores.length,
    issues: (row.issues ?? []) as unknown as Issue[],
    best: { method: best.method, policy: { slug: best.policy.slug, name: best.policy.name }, accuracy: best.accuracy },
  };
}
