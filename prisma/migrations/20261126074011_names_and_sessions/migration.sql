-- Sessions were cookies alone. From here on each is a row: whoever was signed in signs in again.
DELETE FROM "session";
DROP INDEX "session_session_token_key";
ALTER TABLE "session" DROP COLUMN "session_token",
ADD COLUMN     "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "version" INTEGER NOT NULL;

-- AlterTable
ALTER TABLE "user" ADD COLUMN     "session_version" INTEGER NOT NULL DEFAULT 0;

-- The next start computes name_key, and names policies anew.
ALTER TABLE "policy" ADD COLUMN     "given_name" TEXT,
ADD COLUMN     "name_key" TEXT;
UPDATE "policy" SET "given_name" = "name";
ALTER TABLE "policy" ALTER COLUMN "given_name" SET NOT NULL;

-- CreateIndex
CREATE INDEX "policy_name_key_idx" ON "policy"("name_key");

-- CreateTable
CREATE TABLE "account_name" (
    "key" TEXT NOT NULL,

    CONSTRAINT "account_name_pkey" PRIMARY KEY ("key")
);

-- What `lookAlikeKey` gives for the characters of an account's name: a-z, 0-9, hyphen, underscore.
INSERT INTO "account_name" ("key")
    SELECT DISTINCT replace(translate("name", '01i_-', 'oll'), 'm', 'rn') FROM "user";

CREATE TRIGGER "account_name_kept" BEFORE DELETE OR TRUNCATE ON "account_name" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

-- CreateTable
CREATE TABLE "maintainer_code" (
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "maintainer_code_pkey" PRIMARY KEY ("name")
);
