/** A run whose audit, or whose weights, show other figures than were published. */
import "server-only";
import type { Database } from "../database/client";

/** The run counts no longer; the site flags it, so that its author can answer, and the log says why. Returns the flag's id. */
export async function failRun(
  tx: Database,
  runId: string,
  { flagged, logged }: { flagged: string; logged: string },
): Promise<string> {
  const flag = await tx.flag.create({
    data: { subject: "run", subjectId: runId, reason: flagged },
    select: { id: true },
  });
  await tx.run.update({ where: { id: runId }, data: { ranks: false } });
  await tx.logEntry.create({
    data: { action: "run.failed_audit", subject: "run", subjectId: runId, detail: { reason: logged, flag: flag.id } },
  });
  return flag.id;
}
