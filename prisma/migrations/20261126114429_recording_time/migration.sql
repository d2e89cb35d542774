-- CreateTable
CREATE TABLE "recording_time" (
    "benchmark_id" UUID NOT NULL,
    "record_seconds" DOUBLE PRECISION,
    "score_seconds" DOUBLE PRECISION,

    CONSTRAINT "recording_time_pkey" PRIMARY KEY ("benchmark_id")
);

-- AddForeignKey
ALTER TABLE "recording_time" ADD CONSTRAINT "recording_time_benchmark_id_fkey" FOREIGN KEY ("benchmark_id") REFERENCES "benchmark"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
