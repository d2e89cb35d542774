-- CreateIndex
CREATE INDEX "audit_outcome_idx" ON "audit"("outcome");
