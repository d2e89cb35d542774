-- AlterTable
ALTER TABLE "flag" ADD COLUMN     "appeal" TEXT,
ADD COLUMN     "appealed_at" TIMESTAMPTZ(3),
ADD COLUMN     "settled_at" TIMESTAMPTZ(3);
