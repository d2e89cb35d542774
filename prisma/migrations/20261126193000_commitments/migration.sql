-- AlterEnum
ALTER TYPE "visibility" ADD VALUE 'retired';

-- AlterTable
ALTER TABLE "trajectory" ADD COLUMN     "commitment_key" BYTEA;
