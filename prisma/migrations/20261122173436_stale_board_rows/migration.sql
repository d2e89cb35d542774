-- CreateTable
CREATE TABLE "stale_board_row" (
    "id" BIGSERIAL NOT NULL,
    "benchmark_id" UUID NOT NULL,
    "division" "division" NOT NULL,
    "variant" TEXT NOT NULL,
    "policy_id" UUID NOT NULL,

    CONSTRAINT "stale_board_row_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "run_benchmark_id_hidden_at_created_at_idx" ON "run"("benchmark_id", "hidden_at", "created_at" DESC);
