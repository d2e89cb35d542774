-- CreateEnum
CREATE TYPE "notice_kind" AS ENUM ('audited', 'reproduced', 'overtaken', 'flagged', 'decided');

-- AlterTable
ALTER TABLE "user" ADD COLUMN     "muted_notices" "notice_kind"[] DEFAULT ARRAY[]::"notice_kind"[];

-- CreateTable
CREATE TABLE "notice" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" "notice_kind" NOT NULL,
    "title" TEXT NOT NULL,
    "href" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_at" TIMESTAMPTZ(3),

    CONSTRAINT "notice_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "notice_user_id_created_at_id_idx" ON "notice"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "notice_user_id_read_at_idx" ON "notice"("user_id", "read_at");

-- AddForeignKey
ALTER TABLE "notice" ADD CONSTRAINT "notice_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
