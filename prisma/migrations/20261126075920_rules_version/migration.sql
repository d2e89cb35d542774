-- AlterTable
ALTER TABLE "policy" ADD COLUMN     "issues" JSONB;

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "issues" JSONB,
ADD COLUMN     "rules_version" INTEGER NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "run_rules_version_idx" ON "run"("rules_version");
