-- CreateTable
CREATE TABLE "board_revision" (
    "benchmark_id" UUID NOT NULL,
    "division" "division" NOT NULL,
    "revision" BIGINT NOT NULL DEFAULT 1,

    CONSTRAINT "board_revision_pkey" PRIMARY KEY ("benchmark_id","division")
);

-- CreateIndex
CREATE INDEX "policy_created_at_id_idx" ON "policy"("created_at" DESC, "id" DESC);
