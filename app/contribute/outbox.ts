/** Publishes the runs of a lent machine, with their weights. What can't be sent stays in the browser. */

import type { Finished } from "@/app/_components/training/progress";
import { sendWeights } from "@/app/_components/training/send-weights";
import { isOfTicket, publishRun } from "@/app/_components/training/submission";
import { deleteUnpublishedRun, saveUnpublishedRun } from "@/app/_components/training/unpublished-runs";
import { isOtherAccount } from "@/app/api/client";

export type Sent =
  /** Published; whether with a rank. */
  | { kind: "published"; url: string; ranks: boolean }
  /** Not now: the site can't be reached, or is busy. */
  | { kind: "later"; reason: string }
  /** Not by this account, or not today. */
  | { kind: "ended"; reason: string }
  /** Never like this: it waits on /train. */
  | { kind: "refused"; reason: string };

export async function sendRun(run: Finished, account: string): Promise<Sent> {
  let ranks = true;
  let outcome = await publishRun(run, null, account);
  if ("problem" in outcome && isOfTicket(outcome.problem)) {
    ranks = false;
    outcome = await publishRun({ ...run, ticket: undefined }, null, account);
  }
  if ("problem" in outcome) {
    const { status, title, detail } = outcome.problem;
    const reason = `${title}. ${detail}`;
    if (status === 0 || status >= 500) return { kind: "later", reason };
    if (status === 401 || status === 403 || status === 429 || isOtherAccount(outcome.problem))
      return { kind: "ended", reason };
    await saveUnpublishedRun({ ...run, lent: undefined });
    return { kind: "refused", reason: `${reason} The run waits on the page Train.` };
  }
  await deleteUnpublishedRun(run.idempotencyKey);
  if (ranks && run.weights) await sendWeights(outcome.id, run.weights, account); // the run counts without them, too
  return { kind: "published", url: outcome.runUrl, ranks };
}
