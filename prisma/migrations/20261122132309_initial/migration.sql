-- CreateEnum
CREATE TYPE "role" AS ENUM ('user', 'maintainer');

-- CreateEnum
CREATE TYPE "visibility" AS ENUM ('public', 'held_out');

-- CreateEnum
CREATE TYPE "division" AS ENUM ('closed', 'open');

-- CreateEnum
CREATE TYPE "flag_state" AS ENUM ('open', 'upheld', 'dismissed');

-- CreateTable
CREATE TABLE "user" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "email_verified" TIMESTAMPTZ(3),
    "image" TEXT,
    "password_hash" TEXT,
    "role" "role" NOT NULL DEFAULT 'user',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_account_id" TEXT NOT NULL,
    "refresh_token" TEXT,
    "access_token" TEXT,
    "expires_at" INTEGER,
    "token_type" TEXT,
    "scope" TEXT,
    "id_token" TEXT,
    "session_state" TEXT,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "session_token" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "expires" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification_token" (
    "identifier" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "expires" TIMESTAMPTZ(3) NOT NULL
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "benchmark" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "dataset" TEXT NOT NULL,
    "recipe" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "benchmark_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "aliases" JSONB NOT NULL DEFAULT '[]',
    "source_title" TEXT,
    "source_url" TEXT,
    "built_in" INTEGER,
    "author_id" UUID,
    "fork_of_id" UUID,
    "hidden_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "policy_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trajectory" (
    "id" UUID NOT NULL,
    "benchmark_id" UUID NOT NULL,
    "variant" TEXT NOT NULL,
    "seed" BIGINT NOT NULL,
    "visibility" "visibility" NOT NULL,
    "artifact_key" TEXT NOT NULL,
    "artifact_hash" TEXT NOT NULL,
    "artifact_bytes" BIGINT NOT NULL,
    "dataset_version" TEXT NOT NULL,
    "dataset_hash" TEXT NOT NULL,
    "software" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "trajectory_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "score" (
    "id" UUID NOT NULL,
    "policy_id" UUID NOT NULL,
    "trajectory_id" UUID NOT NULL,
    "scorer_version" TEXT NOT NULL,
    "accuracy" DOUBLE PRECISION NOT NULL,
    "sensitivity" DOUBLE PRECISION NOT NULL,
    "specificity" DOUBLE PRECISION NOT NULL,
    "f_score" DOUBLE PRECISION NOT NULL,
    "esm" DOUBLE PRECISION NOT NULL,
    "confusion_matrix" JSONB NOT NULL,
    "esm_layers" JSONB NOT NULL,
    "momentum_per_layer" JSONB NOT NULL,
    "predictions_key" TEXT,
    "predictions_hash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "score_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "idempotency_key" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "benchmark_id" UUID,
    "variant" TEXT NOT NULL,
    "seed" BIGINT NOT NULL,
    "tier" INTEGER NOT NULL,
    "manifest" JSONB NOT NULL,
    "curves" JSONB NOT NULL,
    "timings" JSONB NOT NULL,
    "predictions_key" TEXT NOT NULL,
    "predictions_hash" TEXT NOT NULL,
    "predictions_bytes" INTEGER NOT NULL,
    "reproduction_of_id" UUID,
    "hidden_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_score" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "policy_id" UUID NOT NULL,
    "method" TEXT NOT NULL,
    "accuracy" DOUBLE PRECISION NOT NULL,
    "sensitivity" DOUBLE PRECISION NOT NULL,
    "specificity" DOUBLE PRECISION NOT NULL,
    "f_score" DOUBLE PRECISION NOT NULL,
    "esm" DOUBLE PRECISION NOT NULL,
    "confusion_matrix" JSONB NOT NULL,
    "esm_layers" JSONB NOT NULL,
    "momentum_per_layer" JSONB NOT NULL,
    "edge_of_grid" TEXT[],

    CONSTRAINT "run_score_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "board_row" (
    "id" UUID NOT NULL,
    "benchmark_id" UUID NOT NULL,
    "division" "division" NOT NULL,
    "variant" TEXT NOT NULL,
    "policy_id" UUID NOT NULL,
    "tier" INTEGER NOT NULL,
    "runs" INTEGER NOT NULL,
    "n" INTEGER NOT NULL,
    "accuracy_mean" DOUBLE PRECISION NOT NULL,
    "accuracy_deviation" DOUBLE PRECISION,
    "accuracy_low" DOUBLE PRECISION,
    "accuracy_high" DOUBLE PRECISION,
    "sensitivity_mean" DOUBLE PRECISION NOT NULL,
    "sensitivity_deviation" DOUBLE PRECISION,
    "sensitivity_low" DOUBLE PRECISION,
    "sensitivity_high" DOUBLE PRECISION,
    "specificity_mean" DOUBLE PRECISION NOT NULL,
    "specificity_deviation" DOUBLE PRECISION,
    "specificity_low" DOUBLE PRECISION,
    "specificity_high" DOUBLE PRECISION,
    "f_score_mean" DOUBLE PRECISION NOT NULL,
    "f_score_deviation" DOUBLE PRECISION,
    "f_score_low" DOUBLE PRECISION,
    "f_score_high" DOUBLE PRECISION,
    "esm_mean" DOUBLE PRECISION NOT NULL,
    "esm_deviation" DOUBLE PRECISION,
    "esm_low" DOUBLE PRECISION,
    "esm_high" DOUBLE PRECISION,
    "band_first" INTEGER,
    "band_last" INTEGER,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "board_row_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "log_entry" (
    "id" BIGSERIAL NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "actor_id" UUID,
    "detail" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "log_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "flag" (
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "reporter_id" UUID,
    "reason" TEXT NOT NULL,
    "state" "flag_state" NOT NULL DEFAULT 'open',
    "reply" TEXT,
    "decision" TEXT,
    "decided_by_id" UUID,
    "decided_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "flag_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_name_key" ON "user"("name");

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE INDEX "account_user_id_idx" ON "account"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "account_provider_provider_account_id_key" ON "account"("provider", "provider_account_id");

-- CreateIndex
CREATE UNIQUE INDEX "session_session_token_key" ON "session"("session_token");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "verification_token_token_key" ON "verification_token"("token");

-- CreateIndex
CREATE UNIQUE INDEX "verification_token_identifier_token_key" ON "verification_token"("identifier", "token");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_hash_key" ON "api_token"("hash");

-- CreateIndex
CREATE INDEX "api_token_user_id_idx" ON "api_token"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "benchmark_slug_version_key" ON "benchmark"("slug", "version");

-- CreateIndex
CREATE UNIQUE INDEX "policy_slug_key" ON "policy"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "policy_hash_key" ON "policy"("hash");

-- CreateIndex
CREATE INDEX "policy_kind_created_at_idx" ON "policy"("kind", "created_at");

-- CreateIndex
CREATE INDEX "policy_author_id_created_at_idx" ON "policy"("author_id", "created_at");

-- CreateIndex
CREATE INDEX "policy_fork_of_id_idx" ON "policy"("fork_of_id");

-- CreateIndex
CREATE UNIQUE INDEX "trajectory_benchmark_id_variant_seed_visibility_key" ON "trajectory"("benchmark_id", "variant", "seed", "visibility");

-- CreateIndex
CREATE INDEX "score_trajectory_id_idx" ON "score"("trajectory_id");

-- CreateIndex
CREATE UNIQUE INDEX "score_policy_id_trajectory_id_scorer_version_key" ON "score"("policy_id", "trajectory_id", "scorer_version");

-- CreateIndex
CREATE INDEX "run_benchmark_id_variant_seed_idx" ON "run"("benchmark_id", "variant", "seed");

-- CreateIndex
CREATE INDEX "run_created_at_idx" ON "run"("created_at" DESC);

-- CreateIndex
CREATE INDEX "run_user_id_created_at_idx" ON "run"("user_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "run_reproduction_of_id_idx" ON "run"("reproduction_of_id");

-- CreateIndex
CREATE UNIQUE INDEX "run_idempotency_key_user_id_key" ON "run"("idempotency_key", "user_id");

-- CreateIndex
CREATE INDEX "run_score_policy_id_idx" ON "run_score"("policy_id");

-- CreateIndex
CREATE UNIQUE INDEX "run_score_run_id_policy_id_key" ON "run_score"("run_id", "policy_id");

-- CreateIndex
CREATE INDEX "board_row_benchmark_id_division_accuracy_mean_idx" ON "board_row"("benchmark_id", "division", "accuracy_mean" DESC);

-- CreateIndex
CREATE INDEX "board_row_policy_id_idx" ON "board_row"("policy_id");

-- CreateIndex
CREATE UNIQUE INDEX "board_row_benchmark_id_division_variant_policy_id_key" ON "board_row"("benchmark_id", "division", "variant", "policy_id");

-- CreateIndex
CREATE INDEX "log_entry_subject_subject_id_idx" ON "log_entry"("subject", "subject_id");

-- CreateIndex
CREATE INDEX "flag_state_created_at_idx" ON "flag"("state", "created_at");

-- CreateIndex
CREATE INDEX "flag_subject_subject_id_idx" ON "flag"("subject", "subject_id");

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy" ADD CONSTRAINT "policy_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy" ADD CONSTRAINT "policy_fork_of_id_fkey" FOREIGN KEY ("fork_of_id") REFERENCES "policy"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trajectory" ADD CONSTRAINT "trajectory_benchmark_id_fkey" FOREIGN KEY ("benchmark_id") REFERENCES "benchmark"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "score" ADD CONSTRAINT "score_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "score" ADD CONSTRAINT "score_trajectory_id_fkey" FOREIGN KEY ("trajectory_id") REFERENCES "trajectory"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_benchmark_id_fkey" FOREIGN KEY ("benchmark_id") REFERENCES "benchmark"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_reproduction_of_id_fkey" FOREIGN KEY ("reproduction_of_id") REFERENCES "run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_score" ADD CONSTRAINT "run_score_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_score" ADD CONSTRAINT "run_score_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "board_row" ADD CONSTRAINT "board_row_benchmark_id_fkey" FOREIGN KEY ("benchmark_id") REFERENCES "benchmark"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "board_row" ADD CONSTRAINT "board_row_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "log_entry" ADD CONSTRAINT "log_entry_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "flag" ADD CONSTRAINT "flag_reporter_id_fkey" FOREIGN KEY ("reporter_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "flag" ADD CONSTRAINT "flag_decided_by_id_fkey" FOREIGN KEY ("decided_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;
