/** Why a run's audit doesn't say that all is the same, and what its author can do. */
import Link from "next/link";
import { date } from "@/app/_components/text/format";
import type { RunDetail } from "@/lib/server/runs/read";

export function AuditNotice({ audit, auditWaits }: Pick<RunDetail, "audit" | "auditWaits">) {
  if (!audit) return auditWaits ? <p className="note mt-3">The server will train it again, and compare.</p> : null;
  const { outcome, reason, flag, createdAt } = audit;
  if (outcome === "same") return null;
  const when = <time dateTime={createdAt.toISOString()}>{date(createdAt)}</time>;
  if (outcome === "within" || outcome === "alike")
    return (
      <p className="note mt-3">
        {reason} {when}.
      </p>
    );
  return (
    <div className="problem mt-4" role="note">
      <p className="font-semibold">It doesn’t rank</p>
      <p className="mt-1 text-ink-2">
        {reason} Trained again on {when}. {outcome === "unknown" && "Reload the page that trains, and train again."}
        {flag && (
          <>
            Its author can answer, and a maintainer decides: <Link href={`/moderation/${flag}`}>the flag</Link>.
          </>
        )}
      </p>
    </div>
  );
}
