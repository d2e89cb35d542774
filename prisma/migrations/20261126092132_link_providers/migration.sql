-- AlterTable
ALTER TABLE "session" ADD COLUMN     "linking" TEXT,
ADD COLUMN     "linking_until" TIMESTAMPTZ(3);
