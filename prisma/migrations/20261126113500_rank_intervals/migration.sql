-- AlterTable
ALTER TABLE "board_row" ADD COLUMN     "author_place" INTEGER,
ADD COLUMN     "same_as" TEXT,
ADD COLUMN     "standing" INTEGER;

-- AlterTable
ALTER TABLE "run_score" ADD COLUMN     "correct" BYTEA,
ADD COLUMN     "predictions_hash" TEXT;

-- AlterTable
ALTER TABLE "score" ADD COLUMN     "correct" BYTEA;

-- CreateTable
CREATE TABLE "board_ranking" (
    "benchmark_id" UUID NOT NULL,
    "division" "division" NOT NULL,
    "methods" INTEGER NOT NULL,
    "runs" INTEGER NOT NULL,
    "seeds" TEXT[],
    "images" INTEGER,
    "alike" INTEGER,
    "critical" DOUBLE PRECISION,
    "pairs" INTEGER,
    "told_apart" INTEGER,
    "smallest" DOUBLE PRECISION,
    "seeds_needed" INTEGER,
    "exact" INTEGER,
    "ranked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "board_ranking_pkey" PRIMARY KEY ("benchmark_id","division")
);

-- CreateIndex
CREATE INDEX "board_row_benchmark_id_division_same_as_idx" ON "board_row"("benchmark_id", "division", "same_as");

-- AddForeignKey
ALTER TABLE "board_ranking" ADD CONSTRAINT "board_ranking_benchmark_id_fkey" FOREIGN KEY ("benchmark_id") REFERENCES "benchmark"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
