-- CreateTable
CREATE TABLE "allowance" (
    "key" TEXT NOT NULL,
    "due" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "allowance_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "flag_reporter_id_created_at_idx" ON "flag"("reporter_id", "created_at");

-- Nothing that was published is deleted, and the log is never changed: whoever
-- asks, by whatever program, the database refuses.
-- (\x3b is a semicolon. Scripts are cut at semicolons on their way to a server.)
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS
    E'BEGIN RAISE EXCEPTION \'% is kept: % is refused\', TG_TABLE_NAME, TG_OP\x3b END';

-- A deleted account takes its name along, nothing else.
CREATE TRIGGER "log_entry_unchanged" BEFORE UPDATE ON "log_entry" FOR EACH ROW
    WHEN (NEW."actor_id" IS NOT NULL
        OR (NEW."id", NEW."action", NEW."subject", NEW."subject_id", NEW."detail", NEW."created_at")
            IS DISTINCT FROM (OLD."id", OLD."action", OLD."subject", OLD."subject_id", OLD."detail", OLD."created_at"))
    EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "log_entry_kept" BEFORE DELETE OR TRUNCATE ON "log_entry" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "run_kept" BEFORE DELETE OR TRUNCATE ON "run" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "run_score_kept" BEFORE DELETE OR TRUNCATE ON "run_score" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "policy_kept" BEFORE DELETE OR TRUNCATE ON "policy" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "score_kept" BEFORE DELETE OR TRUNCATE ON "score" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "flag_kept" BEFORE DELETE OR TRUNCATE ON "flag" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
