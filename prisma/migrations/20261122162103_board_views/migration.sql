-- AlterTable
ALTER TABLE "board_row" ADD COLUMN     "backends" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "first_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- What the rows that exist already would have been given
UPDATE "board_row" SET "backends" = made."backends", "first_at" = made."first_at"
FROM (
  SELECT run."benchmark_id", run."variant", score."policy_id",
         array_agg(DISTINCT run."manifest" #>> '{backend,name}') AS "backends", min(run."created_at") AS "first_at"
  FROM "run" JOIN "run_score" AS score ON score."run_id" = run."id"
  WHERE run."hidden_at" IS NULL
  GROUP BY 1, 2, 3
) AS made
WHERE "board_row"."division" = 'open' AND "board_row"."benchmark_id" = made."benchmark_id" AND "board_row"."variant" = made."variant" AND "board_row"."policy_id" = made."policy_id";

UPDATE "board_row" SET "first_at" = made."first_at"
FROM (
  SELECT trajectory."benchmark_id", trajectory."variant", score."policy_id", min(score."created_at") AS "first_at"
  FROM "trajectory" JOIN "score" ON score."trajectory_id" = trajectory."id"
  WHERE trajectory."visibility" = 'held_out'
  GROUP BY 1, 2, 3
) AS made
WHERE "board_row"."division" = 'closed' AND "board_row"."benchmark_id" = made."benchmark_id" AND "board_row"."variant" = made."variant" AND "board_row"."policy_id" = made."policy_id";
