/**
 * A site's database after years of use, generated: people, their policies, runs with their scores, the resulting
 * boards, and the log. PostgreSQL draws the figures from a fixed seed.
 */
import { policyRulesVersion, rulesVersion } from "@/lib/leaderboard";
import type { PrismaClient } from "@/prisma/generated/client";
import type { TestData } from "../../leaderboard/a-submission";
import { aSubmission } from "../../leaderboard/a-submission";

export interface Sizes {
  runs: number;
  policies: number;
  users: number;
}

/**
 * Fills a migrated and seeded database. Each run scores one policy: a built-in one, or one of every thousandth user;
 * users' policies enter the Closed division.
 * @param dataset determines the shape of the runs' documents
 */
export async function fill(db: PrismaClient, { runs, policies, users }: Sizes, dataset: TestData): Promise<void> {
  const { record } = aSubmission({ dataset, policies: ["pytorch-default"] });
  const [score] = record.scores;
  const json = (value: unknown) => JSON.stringify(value);
  await db.$transaction(
    async (tx) => {
      // Every row refers to a row created here, so nothing needs a lookup.
      await tx.$executeRaw`SET LOCAL session_replication_role = replica`;
      await tx.$executeRaw`SELECT setseed(0.5)`;
      await tx.$executeRaw`CREATE TEMP TABLE person ON COMMIT DROP AS SELECT i, gen_random_uuid() AS id
        FROM generate_series(1, ${users}::int) AS i`;
      await tx.$executeRaw`INSERT INTO "user" (id, name) SELECT id, 'person-' || i FROM person`;
      await tx.$executeRaw`
        CREATE TEMP TABLE board ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY slug) - 1 AS i, id FROM benchmark`;
      await tx.$executeRaw`
        CREATE TEMP TABLE idea ON COMMIT DROP AS
        SELECT i, gen_random_uuid() AS id, 0.85 + 0.1 * random() AS quality
          FROM generate_series(1, ${policies}::int) AS i`;
      await tx.$executeRaw`
        INSERT INTO policy (id, slug, hash, name, given_name, name_key, description, rule, kind, document, author_id,
          rules_version, created_at)
        SELECT idea.id, 'generated-' || idea.i, encode(sha256(idea.i::text::bytea), 'hex'), 'Generated ' || idea.i, 'Generated ' || idea.i,
          'generated' || idea.i, '',
          '0.9', 'schedule', '{"kind":"schedule","momentum":"0.9","varianceMomentum":null}', person.id, ${policyRulesVersion},
          now() - random() * interval '3 years'
        FROM idea JOIN person ON person.i = idea.i % ${users}::int + 1`;
      await tx.$executeRaw`
        CREATE TEMP TABLE scored ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY built_in) - 1 AS i, id, 0.85 + 0.1 * random() AS quality FROM policy
          WHERE built_in IS NOT NULL
        UNION ALL SELECT (SELECT count(*) FROM policy WHERE built_in IS NOT NULL) + row_number() OVER () - 1, id,
          quality FROM idea WHERE idea.i % 1000 = 0`;
      await tx.$executeRaw`
        CREATE TEMP TABLE made ON COMMIT DROP AS
        SELECT one.i, gen_random_uuid() AS id, board.id AS benchmark_id,
          CASE WHEN one.i / 8 % 2 = 0 THEN 'bn' ELSE 'bn-bfn' END AS variant,
          scored.id AS policy_id, least(1, scored.quality + 0.02 * (random() + random() - 1)) AS accuracy,
          random() AS esm, random() AS age, 1 + one.i % ${users}::int AS person
        FROM generate_series(1, ${runs}::int) AS one (i)
        JOIN board ON board.i = one.i % (SELECT count(*) FROM board)
        JOIN scored ON scored.i = one.i / 16 % (SELECT count(*) FROM scored)`;
      await tx.$executeRaw`
        INSERT INTO run (id, user_id, idempotency_key, content_hash, benchmark_id, variant, seed, tier, manifest,
          curves, timings, predictions_key, predictions_hash, predictions_bytes, rules_version, created_at)
        SELECT made.id, person.id, 'generated-' || made.i, '', benchmark_id, variant, made.i, 2,
          ${json(record.manifest)}::jsonb, ${json(record.curves)}::jsonb, ${json(record.timings)}::jsonb,
          'generated', '', 0, ${rulesVersion},
               now() - age * interval '3 years'
        FROM made JOIN person ON person.i = made.person`;
      await tx.$executeRaw`
        INSERT INTO run_score (id, run_id, policy_id, method, accuracy, sensitivity, specificity, f_score, esm,
          confusion_matrix, esm_layers, momentum_per_layer, edge_of_grid)
        SELECT gen_random_uuid(), made.id, policy_id, variant || '/generated', accuracy, accuracy - 0.01,
          1 - (1 - accuracy) / 9, accuracy - 0.01, esm, ${json(score!.confusionMatrix)}::jsonb,
          ${json(score!.esm)}::jsonb, '[0.9]', '{}'
        FROM made`;
      await tx.$executeRaw`
        INSERT INTO log_entry (action, subject, subject_id, detail, created_at)
        SELECT 'run.published', 'run', id, '{"methods":1}', now() - age * interval '3 years' FROM made
          ORDER BY age DESC`;
      for (const [division, source] of [
        ["open", `SELECT benchmark_id, variant, policy_id, accuracy, esm FROM made`],
        [
          "closed",
          `SELECT board.id, 'bn', idea.id, least(1, idea.quality + 0.01 * (random() - 0.5)), random() FROM idea
            JOIN board ON board.i = idea.i % (SELECT count(*) FROM board) CROSS JOIN generate_series(1, 5)`,
        ],
      ] as const) {
        await tx.$executeRawUnsafe(`
          INSERT INTO board_row (id, benchmark_id, division, variant, policy_id, tier, runs, n, band_first, band_last,
            accuracy_mean, accuracy_deviation, accuracy_low, accuracy_high, sensitivity_mean, specificity_mean,
            f_score_mean, esm_mean)
          SELECT gen_random_uuid(), benchmark_id, '${division}', variant, policy_id, ${division === "open" ? 2 : 4},
            n, n,
            rank() OVER best, rank() OVER best + 9, mean, deviation, mean - 1.96 * deviation / sqrt(n),
            mean + 1.96 * deviation / sqrt(n), mean - 0.01, 1 - (1 - mean) / 9, mean - 0.01, shift
          FROM (SELECT benchmark_id, variant, policy_id, count(*)::int AS n, avg(accuracy) AS mean,
            stddev_samp(accuracy) AS deviation, avg(esm) AS shift
                FROM (${source}) AS one (benchmark_id, variant, policy_id, accuracy, esm) GROUP BY 1, 2, 3) AS means
          WINDOW best AS (PARTITION BY benchmark_id ORDER BY mean DESC)`);
      }
    },
    { maxWait: 60_000, timeout: 3_600_000 },
  );
  await db.$executeRaw`VACUUM ANALYZE`; // as autovacuum would do later
}
