-- AlterTable
ALTER TABLE "policy" ADD COLUMN     "rules_version" INTEGER NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "policy_rules_version_idx" ON "policy"("rules_version");
