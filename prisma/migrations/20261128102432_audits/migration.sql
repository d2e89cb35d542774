-- CreateEnum
CREATE TYPE "audit_outcome" AS ENUM ('same', 'within', 'alike', 'differs', 'unknown');

-- AlterEnum
ALTER TYPE "job_kind" ADD VALUE 'audit';

-- AlterTable
ALTER TABLE "job" ADD COLUMN     "run_id" UUID;

-- CreateTable
CREATE TABLE "audit" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "outcome" "audit_outcome" NOT NULL,
    "predictions" INTEGER NOT NULL,
    "differing" INTEGER NOT NULL,
    "methods" JSONB NOT NULL,
    "reason" TEXT,
    "seconds" DOUBLE PRECISION NOT NULL,
    "flag_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "audit_flag_id_key" ON "audit"("flag_id");

-- CreateIndex
CREATE INDEX "audit_run_id_created_at_idx" ON "audit"("run_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "audit_created_at_idx" ON "audit"("created_at" DESC);

-- CreateIndex
CREATE INDEX "run_score_predictions_hash_idx" ON "run_score"("predictions_hash");

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit" ADD CONSTRAINT "audit_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit" ADD CONSTRAINT "audit_flag_id_fkey" FOREIGN KEY ("flag_id") REFERENCES "flag"("id") ON DELETE SET NULL ON UPDATE CASCADE;
