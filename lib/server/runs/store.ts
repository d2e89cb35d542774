/** Stores published runs by group commit: those that arrive during one transaction share the next. */
import "server-only";
import { randomBytes } from "node:crypto";
import type { VerifiedScore } from "@/lib/leaderboard";
import { rulesVersion, variantLabels } from "@/lib/leaderboard";
import type { RunRecord } from "@/lib/records";
import { metricNames } from "@/lib/records";
import type { PrismaClient } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import { sha256 } from "../artifacts";
import { Batches } from "../batches";
import { columnOf } from "../boards/metric-columns";
import type { Database } from "../database/client";
import { QuotaExceeded, quotaLeft, quotaSpent } from "../limits/quotas";
import { jobKey } from "../scoring/jobs";

/** A verified run, ready to be stored. */
export interface NewRun {
  userId: string;
  idempotencyKey: string;
  contentHash: string;
  /** Null for a run with custom settings, which is on no board. */
  benchmarkId: string | null;
  reproductionOf: string | null;
  /** Null for a seed of the author's own: it then ranks nowhere. */
  ticketId: string | null;
  tier: number;
  /** Whether its board counts it. */
  ranks: boolean;
  /** Whether the server trains it again. */
  audit: boolean;
  record: RunRecord;
  predictions: { key: string; hash: string; bytes: number };
  scores: (VerifiedScore & { policyId: string })[];
}

/** Id of the stored run; null if the account has used its idempotency key, or the ticket was used, before. */
type Stored = string | null;

/** A transaction each; 32 runs of the largest data set are some megabytes. */
const storing = new Batches<PrismaClient, NewRun, Stored | QuotaExceeded>(
  (db, runs) => db.$transaction((tx) => insert(tx, runs)),
  32,
);

/**
 * Stores a run with its scores and its log entry, and marks its board rows stale, atomically.
 * @throws QuotaExceeded
 */
export async function storeRun(db: PrismaClient, run: NewRun): Promise<Stored> {
  const stored = await storing.add(db, run);
  if (stored instanceof QuotaExceeded) throw stored;
  return stored;
}

async function insert(tx: Database, submitted: readonly NewRun[]): Promise<(Stored | QuotaExceeded)[]> {
  const left = await quotaLeft(
    tx,
    "runs",
    submitted.map(({ userId }) => userId),
  );
  const accepted = new Map<string, { id: string; run: NewRun }>();
  const outcomes = submitted.map((run): string | QuotaExceeded | null => {
    const { userId, idempotencyKey } = run;
    const key = `${userId}/${idempotencyKey}`;
    if (accepted.has(key)) return null;
    if (left.get(userId) === 0) return quotaSpent("runs");
    left.set(userId, left.get(userId)! - 1);
    const id = newId();
    accepted.set(key, { id, run });
    return id;
  });
  if (accepted.size === 0) return outcomes;

  const rows = [...accepted.values()];
  const runs = rows.map(({ id, run: { record, predictions, scores, audit, ...columns } }) => {
    const { benchmark, manifest, curves, timings } = record;
    const { variant, seed } = manifest;
    return {
      id,
      ...columns,
      auditKey: audit
        ? jobKey({ kind: "audit", lane: "background", benchmarkId: columns.benchmarkId!, runId: id })
        : null,
      noticeTitle: `A run of seed ${seed}, ${variantLabels[variant]}`,
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
  const scores = rows.flatMap(({ id, run }) =>
    run.scores.map(({ policyId, record, predictions, correct, ...figures }) => {
      const { method, momentumPerLayer, edgeOfGrid, esm: esmLayers } = record;
      return {
        ...figures,
        correct: Buffer.from(correct).toString("base64"),
        predictionsHash: sha256(predictions),
        id: newId(),
        runId: id,
        policyId,
        method,
        esmLayers,
        momentumPerLayer,
        edgeOfGrid,
      };
    }),
  );
  // One statement for everything: the round trip to the database costs more than the work there.
  const stored = await tx.$queryRaw<{ id: string }[]>`
    WITH given AS (
      SELECT * FROM json_to_recordset(${JSON.stringify(runs)}::json) AS run(
        id uuid, "userId" uuid, "idempotencyKey" text, "contentHash" text, "benchmarkId" uuid, "reproductionOf" uuid,
        "ticketId" uuid, ranks boolean, "auditKey" text, "noticeTitle" text, tier int, variant text, seed bigint, manifest jsonb, curves jsonb, timings jsonb,
        "predictionsKey" text, "predictionsHash" text, "predictionsBytes" int, detail jsonb)
    ), stored AS (
      INSERT INTO run (
        id, user_id, idempotency_key, content_hash, benchmark_id, reproduction_of_id, ticket_id, ranks,
        tier, variant, seed,
        manifest, curves, timings, predictions_key, predictions_hash, predictions_bytes, rules_version)
      SELECT id, "userId", "idempotencyKey", "contentHash", "benchmarkId", "reproductionOf", "ticketId", ranks,
             tier, variant, seed,
             manifest, curves, timings, "predictionsKey", "predictionsHash", "predictionsBytes", ${rulesVersion}
      FROM given ON CONFLICT DO NOTHING -- its key, or its ticket, was used before
      RETURNING id, user_id, benchmark_id, variant, seed, reproduction_of_id, ticket_id, ranks
    ), scored AS (
      INSERT INTO run_score (
        id, run_id, policy_id, method, ${metricColumns},
        confusion_matrix, esm_layers, momentum_per_layer, edge_of_grid, correct,
        predictions_hash)
      SELECT score.id, "runId", "policyId", method, ${metricFields},
             "confusionMatrix", "esmLayers", "momentumPerLayer", "edgeOfGrid", decode(correct, 'base64'),
             "predictionsHash"
      FROM json_to_recordset(${JSON.stringify(scores)}::json) AS score(
        id uuid, "runId" uuid, "policyId" uuid, method text, ${typedMetricFields},
        "confusionMatrix" jsonb, "esmLayers" jsonb, "momentumPerLayer" jsonb, "edgeOfGrid" text[], correct text,
        "predictionsHash" text)
      JOIN stored ON stored.id = "runId"
      RETURNING run_id, policy_id
    ), logged AS (
      INSERT INTO log_entry (action, subject, subject_id, actor_id, detail)
      SELECT 'run.published', 'run', stored.id::text, user_id, detail FROM stored JOIN given ON given.id = stored.id
    ), marked AS (
      INSERT INTO stale_board_row (benchmark_id, division, variant, policy_id)
      SELECT benchmark_id, 'open', variant, policy_id
      FROM scored JOIN stored ON stored.id = run_id WHERE ranks
    ), audited AS (
      INSERT INTO job (key, kind, lane, benchmark_id, run_id)
      SELECT "auditKey", 'audit', 'background', benchmark_id, stored.id
      FROM stored JOIN given ON given.id = stored.id WHERE "auditKey" IS NOT NULL
    ), known AS (
      SELECT id, user_id, benchmark_id, variant, seed FROM run WHERE hidden_at IS NULL
      UNION ALL SELECT id, user_id, benchmark_id, variant, seed FROM stored
    ), first AS ( -- the first run of another account that each repeats, and the one that it names
      SELECT DISTINCT ON (stored.id) known.id, known.user_id, stored.id AS by_id
      FROM stored JOIN known ON known.benchmark_id = stored.benchmark_id AND known.variant = stored.variant
        AND known.seed = stored.seed AND known.user_id <> stored.user_id AND known.id < stored.id
      ORDER BY stored.id, known.id
    ), repeated AS (
      SELECT id, user_id, by_id FROM first
      UNION SELECT original.id, original.user_id, stored.id
      FROM stored JOIN run AS original ON original.id = stored.reproduction_of_id
      WHERE original.user_id <> stored.user_id
    ), reproduced AS (
      INSERT INTO reproduction (run_id, by_run_id) SELECT id, by_id FROM repeated
    ), told AS (
      INSERT INTO notice (id, user_id, kind, title, href, text)
      SELECT gen_random_uuid(), repeated.user_id, 'reproduced', "noticeTitle", '/runs/' || by_id, 'It reproduces yours.'
      FROM repeated JOIN given ON given.id = by_id JOIN "user" ON "user".id = repeated.user_id
      WHERE NOT 'reproduced' = ANY (muted_notices)
    ), reported AS (
      UPDATE ticket SET reported_at = coalesce(reported_at, now()), user_id = coalesce(ticket.user_id, stored.user_id)
      FROM stored WHERE ticket.id = ticket_id
    )
    SELECT id::text FROM stored`;
  const ids = new Set(stored.map(({ id }) => id));
  return outcomes.map((outcome) => (typeof outcome === "string" && !ids.has(outcome) ? null : outcome));
}

const metricColumns = Prisma.raw(metricNames.map(columnOf).join(", "));
const metricFields = Prisma.raw(metricNames.map((metric) => `"${metric}"`).join(", "));
const typedMetricFields = Prisma.raw(metricNames.map((metric) => `"${metric}" float8`).join(", "));

/** A version 7 UUID, RFC 9562: it begins with a timestamp, so that new rows are adjacent in the index. */
function newId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
