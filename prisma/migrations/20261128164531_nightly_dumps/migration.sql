-- CreateTable
CREATE TABLE "dump" (
    "day" DATE NOT NULL,
    "leased_until" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3),

    CONSTRAINT "dump_pkey" PRIMARY KEY ("day")
);

-- CreateTable
CREATE TABLE "dump_file" (
    "day" DATE NOT NULL,
    "name" TEXT NOT NULL,
    "artifact_key" TEXT NOT NULL,
    "artifact_hash" TEXT NOT NULL,
    "artifact_bytes" BIGINT NOT NULL,

    CONSTRAINT "dump_file_pkey" PRIMARY KEY ("day","name")
);

-- CreateTable
CREATE TABLE "imported_dump" (
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "imported_dump_pkey" PRIMARY KEY ("created_at")
);

-- AddForeignKey
ALTER TABLE "dump_file" ADD CONSTRAINT "dump_file_day_fkey" FOREIGN KEY ("day") REFERENCES "dump"("day") ON DELETE RESTRICT ON UPDATE CASCADE;
