-- Runs of which only the results are here, and which kind of runs a board ranks on.
ALTER TYPE "visibility" ADD VALUE 'results_only';

ALTER TABLE "benchmark" ADD COLUMN     "ranked_on" "visibility" NOT NULL DEFAULT 'held_out',
ADD COLUMN     "results_hash" TEXT;

ALTER TABLE "score" ALTER COLUMN "predictions_key" DROP NOT NULL;
