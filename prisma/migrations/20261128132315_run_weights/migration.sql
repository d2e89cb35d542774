-- CreateEnum
CREATE TYPE "weights_outcome" AS ENUM ('same', 'within', 'differs', 'unknown', 'refused');

-- AlterEnum
ALTER TYPE "job_kind" ADD VALUE 'weights';

-- AlterEnum
ALTER TYPE "visibility" ADD VALUE 'withdrawn';

-- CreateTable
CREATE TABLE "run_weights" (
    "run_id" UUID NOT NULL,
    "artifact_key" TEXT NOT NULL,
    "artifact_hash" TEXT NOT NULL,
    "artifact_bytes" INTEGER NOT NULL,
    "outcome" "weights_outcome",
    "predictions" INTEGER,
    "differing" INTEGER,
    "reason" TEXT,
    "seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "checked_at" TIMESTAMPTZ(3),
    "flag_id" UUID,
    "trajectory_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_weights_pkey" PRIMARY KEY ("run_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "run_weights_flag_id_key" ON "run_weights"("flag_id");

-- CreateIndex
CREATE UNIQUE INDEX "run_weights_trajectory_id_key" ON "run_weights"("trajectory_id");

-- CreateIndex
CREATE INDEX "run_weights_checked_at_idx" ON "run_weights"("checked_at");

-- AddForeignKey
ALTER TABLE "run_weights" ADD CONSTRAINT "run_weights_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_weights" ADD CONSTRAINT "run_weights_flag_id_fkey" FOREIGN KEY ("flag_id") REFERENCES "flag"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_weights" ADD CONSTRAINT "run_weights_trajectory_id_fkey" FOREIGN KEY ("trajectory_id") REFERENCES "trajectory"("id") ON DELETE SET NULL ON UPDATE CASCADE;
