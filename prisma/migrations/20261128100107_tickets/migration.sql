-- AlterTable
ALTER TABLE "run" ADD COLUMN     "ranks" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "ticket_id" UUID;

-- CreateTable
CREATE TABLE "ticket" (
    "id" UUID NOT NULL,
    "benchmark_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "seed" BIGINT NOT NULL,
    "user_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "reported_at" TIMESTAMPTZ(3),

    CONSTRAINT "ticket_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ticket_user_id_benchmark_id_idx" ON "ticket"("user_id", "benchmark_id");

-- CreateIndex
CREATE UNIQUE INDEX "ticket_benchmark_id_number_key" ON "ticket"("benchmark_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "ticket_benchmark_id_seed_key" ON "ticket"("benchmark_id", "seed");

-- CreateIndex
CREATE UNIQUE INDEX "run_ticket_id_variant_key" ON "run"("ticket_id", "variant");

-- AddForeignKey
ALTER TABLE "ticket" ADD CONSTRAINT "ticket_benchmark_id_fkey" FOREIGN KEY ("benchmark_id") REFERENCES "benchmark"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ticket" ADD CONSTRAINT "ticket_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "ticket"("id") ON DELETE SET NULL ON UPDATE CASCADE;
