-- CreateEnum
CREATE TYPE "job_kind" AS ENUM ('record', 'catch_up', 'score');

-- CreateEnum
CREATE TYPE "lane" AS ENUM ('prompt', 'background');

-- AlterTable
ALTER TABLE "board_row" ADD COLUMN     "gap_high" DOUBLE PRECISION,
ADD COLUMN     "gap_low" DOUBLE PRECISION,
ADD COLUMN     "gap_mean" DOUBLE PRECISION;

-- AlterTable
ALTER TABLE "score" ADD COLUMN     "edge_of_grid" TEXT[],
ALTER COLUMN "predictions_key" SET NOT NULL,
ALTER COLUMN "predictions_hash" SET NOT NULL;

-- AlterTable
ALTER TABLE "trajectory" ADD COLUMN     "damage" TEXT,
ADD COLUMN     "number" INTEGER NOT NULL;

-- CreateTable
CREATE TABLE "job" (
    "id" BIGSERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "kind" "job_kind" NOT NULL,
    "lane" "lane" NOT NULL,
    "benchmark_id" UUID NOT NULL,
    "policy_id" UUID,
    "trajectory_id" UUID,
    "number" INTEGER,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "leased_until" TIMESTAMPTZ(3),
    "error" TEXT,
    "failed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "job_key_key" ON "job"("key");

-- CreateIndex
CREATE INDEX "job_lane_failed_at_id_idx" ON "job"("lane", "failed_at", "id");

-- CreateIndex
CREATE INDEX "job_policy_id_idx" ON "job"("policy_id");

-- CreateIndex
CREATE INDEX "trajectory_artifact_hash_idx" ON "trajectory"("artifact_hash");

-- CreateIndex
CREATE UNIQUE INDEX "trajectory_benchmark_id_variant_visibility_number_key" ON "trajectory"("benchmark_id", "variant", "visibility", "number");

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_benchmark_id_fkey" FOREIGN KEY ("benchmark_id") REFERENCES "benchmark"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_trajectory_id_fkey" FOREIGN KEY ("trajectory_id") REFERENCES "trajectory"("id") ON DELETE SET NULL ON UPDATE CASCADE;
