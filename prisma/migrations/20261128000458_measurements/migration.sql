-- CreateTable
CREATE TABLE "measurement" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "idempotency_key" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "browser" TEXT NOT NULL,
    "browser_version" INTEGER,
    "system" TEXT NOT NULL,
    "cores" INTEGER NOT NULL,
    "hidden_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "measurement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "measured_speed" (
    "measurement_id" UUID NOT NULL,
    "network" TEXT NOT NULL,
    "backend" TEXT NOT NULL,
    "adapter" TEXT,
    "software" BOOLEAN NOT NULL,
    "threads" INTEGER NOT NULL,
    "median" DOUBLE PRECISION NOT NULL,
    "least" DOUBLE PRECISION NOT NULL,
    "most" DOUBLE PRECISION NOT NULL,
    "rounds" INTEGER NOT NULL,

    CONSTRAINT "measured_speed_pkey" PRIMARY KEY ("measurement_id","network","backend")
);

-- CreateIndex
CREATE UNIQUE INDEX "measurement_idempotency_key_key" ON "measurement"("idempotency_key");

-- CreateIndex
CREATE INDEX "measurement_created_at_id_idx" ON "measurement"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "measurement_user_id_idx" ON "measurement"("user_id");

-- AddForeignKey
ALTER TABLE "measurement" ADD CONSTRAINT "measurement_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "measured_speed" ADD CONSTRAINT "measured_speed_measurement_id_fkey" FOREIGN KEY ("measurement_id") REFERENCES "measurement"("id") ON DELETE CASCADE ON UPDATE CASCADE;
