-- AlterTable
ALTER TABLE "trajectory" ADD COLUMN     "lost_at" TIMESTAMPTZ(3);
