/** The recording of held-out runs: how far it is, and a maintainer's decision to pause or resume it. */
import { decideRecording, decisionSchema, recording } from "@/lib/server/scoring/recording";
import { worker } from "@/lib/server/scoring/worker";
import { endpoint } from "../../endpoint";
import { allowOnly } from "../../other-methods";
import { recordingSchema } from "../../schemas/recording";

export const dynamic = "force-dynamic";

export const GET = endpoint(
  {
    summary: "The recording of held-out runs",
    detail:
      "This site trains the runs that policies are ranked on, in the background: how many each board has so far, how " +
      "long the rest will take, what failed and when it is tried again.",
    tag: "policies",
    access: "anyone",
    json: recordingSchema,
    answers: { 200: "How far it is" },
    cache: "no-store",
  },
  () => recording({ threads: worker().threads() }),
);

export const POST = endpoint(
  {
    summary: "Pause or resume recording",
    detail: "Until then only what somebody submits is scored. A restart changes nothing. With reasons, in the log.",
    tag: "moderation",
    access: "maintainer",
    scope: "moderate",
    body: { schema: decisionSchema, limitBytes: 16 * 1024 },
    answers: { 204: "Done, or so already" },
  },
  async ({ caller, body }) => {
    await decideRecording(body, caller.id);
    void worker().scan();
    return new Response(null, { status: 204 });
  },
);

export const { PUT, PATCH, DELETE, OPTIONS } = allowOnly("GET", "POST");
