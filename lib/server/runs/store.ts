/**
 * Runs on their way into the database. One transaction is under way at a time;
 * the runs that come meanwhile share the next one, so that a burst takes few
 * statements and a single run waits for nobody (group commit).
 */
import "server-only";
import { randomBytes } from "node:crypto";
import type { JudgedScore } from "@/lib/leaderboard";
import type { RunRecord } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import type { Database } from "../database/client";
import { QuotaSpent, quotaLeft, quotaSpent } from "../limits/quotas";

/** A run that was judged, as its rows will be. */
export interface NewRun {
  userId: string;
  idempotencyKey: string;
  contentHash: string;
  /** Null: settings of its user's own, on no board. */
  benchmarkId: string | null;
  reproductionOf: string | null;
  tier: number;
  record: RunRecord;
  predictions: { key: string; hash: string; bytes: number };
  scores: (JudgedScore & { policyId: string })[];
}

/** Id of the stored run; null where its account's key is taken already. */
type Stored = string | null;

interface Waiting {
  one: NewRun;
  resolve: (stored: Stored) => void;
  reject: (error: unknown) => void;
}

interface Line {
  waiting: Waiting[];
  working: boolean;
}

const lines = new WeakMap<PrismaClient, Line>();

/** Runs of one transaction, at most. */
const most = 32;

/**
 * Stores a run, its scores, its log entry and the note that its board rows are stale: all of it or nothing.
 * @throws QuotaSpent
 */
export function storeRun(db: PrismaClient, one: NewRun): Promise<Stored> {
  const line = lines.get(db) ?? { waiting: [], working: false };
  lines.set(db, line);
  const stored = new Promise<Stored>((resolve, reject) => line.waiting.push({ one, resolve, reject }));
  if (!line.working) void work(db, line);
  return stored;
}

async function work(db: PrismaClient, line: Line): Promise<void> {
  line.working = true;
  while (line.waiting.length) await storeTogether(db, line.waiting.splice(0, most));
  line.working = false;
}

/** Never throws: each is told its own outcome. */
async function storeTogether(db: PrismaClient, waiting: readonly Waiting[]): Promise<void> {
  try {
    const outcomes = await db.$transaction(
      (tx) =>
        insert(
          tx,
          waiting.map(({ one }) => one),
        ),
      patience,
    );
    outcomes.forEach((outcome, index) =>
      outcome instanceof QuotaSpent ? waiting[index]!.reject(outcome) : waiting[index]!.resolve(outcome),
    );
  } catch (error) {
    if (waiting.length === 1) waiting[0]!.reject(error);
    else for (const each of waiting) await storeTogether(db, [each]); // what is wrong with one is no other's
  }
}

const patience = { maxWait: 60_000, timeout: 60_000 };

async function insert(tx: Database, all: readonly NewRun[]): Promise<(Stored | QuotaSpent)[]> {
  const left = await quotaLeft(
    tx,
    "runs",
    all.map(({ userId }) => userId),
  );
  const taken = new Map<string, { id: string; one: NewRun }>();
  const outcomes = all.map((one): string | QuotaSpent | null => {
    const { userId, idempotencyKey } = one;
    const key = `${userId}/${idempotencyKey}`;
    if (taken.has(key)) return null;
    if (left.get(userId) === 0) return quotaSpent("runs");
    left.set(userId, left.get(userId)! - 1);
    const id = newId();
    taken.set(key, { id, one });
    return id;
  });
  if (taken.size === 0) return outcomes;

  const rows = [...taken.values()];
  const runs = rows.map(({ id, one: { record, predictions, scores, ...columns } }) => {
    const { benchmark, manifest, curves, timings } = record;
    const { variant, seed } = manifest;
    return {
      id,
      ...columns,
      variant,
      seed,
      manifest,
      curves,
      timings,
      predictionsKey: predictions.key,
      predictionsHash: predictions.hash,
      predictionsBytes: predictions.bytes,
      detail: { benchmark, variant, seed, methods: scores.length },
    };
  });
  const scores = rows.flatMap(({ id, one }) =>
    one.scores.map(({ policyId, record, accuracy, sensitivity, specificity, fScore, esm, confusionMatrix }) => {
      const { method, momentumPerLayer, edgeOfGrid, esm: esmLayers } = record;
      return {
        id: newId(),
        runId: id,
        policyId,
        method,
        accuracy,
        sensitivity,
        specificity,
        fScore,
        esm,
        confusionMatrix,
        esmLayers,
        momentumPerLayer,
        edgeOfGrid,
      };
    }),
  );
  // One statement for everything: the way to the database costs more than what it does there.
  const stored = await tx.$queryRaw<{ id: string }[]>`
    WITH given AS (
      SELECT * FROM json_to_recordset(${JSON.stringify(runs)}::json) AS run(
        id uuid, "userId" uuid, "idempotencyKey" text, "contentHash" text, "benchmarkId" uuid, "reproductionOf" uuid, tier int, variant text, seed bigint,
        manifest jsonb, curves jsonb, timings jsonb, "predictionsKey" text, "predictionsHash" text, "predictionsBytes" int, detail jsonb)
    ), stored AS (
      INSERT INTO run (id, user_id, idempotency_key, content_hash, benchmark_id, reproduction_of_id, tier, variant, seed, manifest, curves, timings, predictions_key, predictions_hash, predictions_bytes)
      SELECT id, "userId", "idempotencyKey", "contentHash", "benchmarkId", "reproductionOf", tier, variant, seed, manifest, curves, timings, "predictionsKey", "predictionsHash", "predictionsBytes"
      FROM given ON CONFLICT (idempotency_key, user_id) DO NOTHING
      RETURNING id, user_id, benchmark_id, variant
    ), scored AS (
      INSERT INTO run_score (id, run_id, policy_id, method, accuracy, sensitivity, specificity, f_score, esm, confusion_matrix, esm_layers, momentum_per_layer, edge_of_grid)
      SELECT score.id, "runId", "policyId", method, accuracy, sensitivity, specificity, "fScore", esm, "confusionMatrix", "esmLayers", "momentumPerLayer", "edgeOfGrid"
      FROM json_to_recordset(${JSON.stringify(scores)}::json) AS score(
        id uuid, "runId" uuid, "policyId" uuid, method text, accuracy float8, sensitivity float8, specificity float8, "fScore" float8, esm float8,
        "confusionMatrix" jsonb, "esmLayers" jsonb, "momentumPerLayer" jsonb, "edgeOfGrid" text[])
      JOIN stored ON stored.id = "runId"
      RETURNING run_id, policy_id
    ), logged AS (
      INSERT INTO log_entry (action, subject, subject_id, actor_id, detail)
      SELECT 'run.published', 'run', stored.id::text, user_id, detail FROM stored JOIN given ON given.id = stored.id
    ), noted AS (
      INSERT INTO stale_board_row (benchmark_id, division, variant, policy_id)
      SELECT benchmark_id, 'open', variant, policy_id FROM scored JOIN stored ON stored.id = run_id WHERE benchmark_id IS NOT NULL
    )
    SELECT id::text FROM stored`;
  const ids = new Set(stored.map(({ id }) => id));
  return outcomes.map((outcome) => (typeof outcome === "string" && !ids.has(outcome) ? null : outcome));
}

/** A UUID of version 7, RFC 9562: its beginning is the time, so that new rows lie together. */
function newId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
