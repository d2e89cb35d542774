/** Scores a policy document on public runs; keeps nothing. */
import { policySubmissionBytes, policyTrialSchema } from "@/lib/leaderboard";
import { artifacts } from "@/lib/server/artifacts";
import { database } from "@/lib/server/database/client";
import { tryPolicy } from "@/lib/server/policies/try";
import { TrajectoryDamaged, TrajectoryElsewhere } from "@/lib/server/scoring/trajectories";
import { siteScorers } from "@/lib/server/scoring/worker";
import { endpoint } from "../../endpoint";
import { allowOnly, postedFromAnySite } from "../../other-methods";
import { damaged, refused } from "../../problem";
import { policyScoresSchema } from "../../schemas/policies";

export const dynamic = "force-dynamic";

export const POST = endpoint(
  {
    summary: "Score a document",
    detail:
      "On a benchmark's public runs, beside PyTorch's default on the same runs. Nothing is kept, no account is needed, " +
      "and pages of other sites may call it. Ranks come from held-out runs: submit the policy for them.",
    tag: "policies",
    access: "anyone",
    fromAnySite: true,
    body: { schema: policyTrialSchema, limitBytes: policySubmissionBytes },
    json: policyScoresSchema,
    cache: "no-store",
    answers: { 200: "Its scores on each run, and the paired difference from the default" },
    problems: {
      409: "The benchmark has no public runs in this variant, or takes minutes to score",
      503: "The data or a recorded run is not on this site",
    },
    limits: ["score/address"],
  },
  async ({ request, body }) => {
    try {
      const parts = { db: database(), store: artifacts(), scorer: siteScorers().prompt };
      const scores = await tryPolicy(body, parts, request.signal);
      return "refusals" in scores ? refused(scores.refusals) : scores;
    } catch (error) {
      if (error instanceof TrajectoryDamaged || error instanceof TrajectoryElsewhere) return damaged(error.message);
      throw error;
    }
  },
);

export const { GET, PUT, PATCH, DELETE } = allowOnly("POST");
export const OPTIONS = postedFromAnySite;
