-- AlterTable
ALTER TABLE "board_row" ADD COLUMN     "reproduced" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "reproduction" (
    "run_id" UUID NOT NULL,
    "by_run_id" UUID NOT NULL,
    "agreement" DOUBLE PRECISION,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reproduction_pkey" PRIMARY KEY ("run_id","by_run_id")
);

-- CreateIndex
CREATE INDEX "reproduction_by_run_id_idx" ON "reproduction"("by_run_id");

-- AddForeignKey
ALTER TABLE "reproduction" ADD CONSTRAINT "reproduction_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reproduction" ADD CONSTRAINT "reproduction_by_run_id_fkey" FOREIGN KEY ("by_run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The links that were made before: compared by the next scan.
INSERT INTO "reproduction" ("run_id", "by_run_id")
SELECT "reproduction_of_id", "id" FROM "run" WHERE "reproduction_of_id" IS NOT NULL;
