-- CreateTable
CREATE TABLE "external_run" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "idempotency_key" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "dataset" TEXT NOT NULL,
    "record" JSONB NOT NULL,
    "scores" JSONB NOT NULL,
    "best_momentum" DOUBLE PRECISION,
    "hidden_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "external_run_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "external_run_created_at_id_idx" ON "external_run"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "external_run_dataset_created_at_idx" ON "external_run"("dataset", "created_at" DESC);

-- CreateIndex
CREATE INDEX "external_run_user_id_created_at_idx" ON "external_run"("user_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "external_run_idempotency_key_user_id_key" ON "external_run"("idempotency_key", "user_id");

-- AddForeignKey
ALTER TABLE "external_run" ADD CONSTRAINT "external_run_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;
