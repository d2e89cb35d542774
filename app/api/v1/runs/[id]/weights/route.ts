/** The weights and the trace of a run, from its author. */
import { z } from "zod";
import { weightsLimitBytes } from "@/lib/leaderboard";
import { artifacts } from "@/lib/server/artifacts";
import { database } from "@/lib/server/database/client";
import { worker } from "@/lib/server/scoring/worker";
import type { NotReceivable, Reception } from "@/lib/server/weights/receive";
import { announceWeights, takeWeights } from "@/lib/server/weights/receive";
import { endpoint } from "../../../../endpoint";
import { allowOnly } from "../../../../other-methods";
import { gone, notFound } from "../../../../problem";
import { receptionSchema } from "../../../../schemas/runs";

const parts = () => ({ db: database(), store: artifacts(), wake: () => void worker().work("background") });

const described = {
  tag: "runs",
  access: "owner",
  scope: "submit:runs",
  params: z.object({ id: z.uuid() }),
  json: receptionSchema,
} as const;

const problems = {
  404: "No run of the caller’s of this id",
  410: "It was removed; /log has the reason",
  503: "The site’s file store can’t be used",
};

async function answer(reception: Reception | NotReceivable, id: string): Promise<Reception | Response> {
  if (typeof reception !== "string") return reception;
  return reception === "no-run" ? gone("run", id) : notFound("run of yours of this id", "/api/v1/runs");
}

export const POST = endpoint(
  {
    ...described,
    summary: "Announce the weights of a run",
    detail:
      "Says whether the site takes the weights and the trace of a run, a trajectory file as `/docs/method#weights` describes it, and " +
      "where to PUT it: to its bucket, or to this address. Ask again when it is there: it is then checked, and once the run has passed an " +
      "audit policies are scored on it too. Only runs that rank, and of each board and variant only the first.",
    body: {
      schema: z.strictObject({
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits")
          .describe("Of the file"),
        bytes: z.int().min(1).max(weightsLimitBytes).describe("Of the file"),
      }),
      limitBytes: 500,
    },
    answers: { 200: "Whether it is there, where it goes, or why it is not needed" },
    problems,
  },
  async ({ caller, params, body }) =>
    answer(await announceWeights({ runId: params.id.toLowerCase(), userId: caller.id, ...body }, parts()), params.id),
);

export const PUT = endpoint(
  {
    ...described,
    summary: "Send the weights of a run",
    detail: "The file itself, where the site has no bucket.",
    file: { limitBytes: weightsLimitBytes },
    answers: { 200: "It is there, or not needed" },
    problems,
  },
  async ({ caller, params, file }) =>
    answer(await takeWeights({ runId: params.id.toLowerCase(), userId: caller.id, file }, parts()), params.id),
);

export const { GET, PATCH, DELETE, OPTIONS } = allowOnly("POST", "PUT");
