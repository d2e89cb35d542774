-- CreateIndex
CREATE INDEX "policy_built_in_idx" ON "policy"("built_in");
