-- AlterTable
ALTER TABLE "board_ranking" ADD COLUMN     "revision" BIGINT;

-- AlterTable
ALTER TABLE "job" ADD COLUMN     "scored_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "shared_work" (
    "name" TEXT NOT NULL,
    "begun_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6) NOT NULL,
    "pause_ms" INTEGER NOT NULL,

    CONSTRAINT "shared_work_pkey" PRIMARY KEY ("name")
);
