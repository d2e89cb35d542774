/** What the server found on the weights that came with a run, and what they are used for. */
import Link from "next/link";
import { capitalize, plural } from "@/app/_components/text/format";
import { weightsInWords } from "@/lib/leaderboard";
import type { RunDetail } from "@/lib/server/runs/read";

export function WeightsNotice({ weights }: Pick<RunDetail, "weights">) {
  if (!weights) return null;
  const { outcome, predictions, differing, reason, flag, url, scored } = weights;
  if (outcome === null)
    return <p className="note mt-3">The server will score its methods on its weights, and compare.</p>;
  const words = capitalize(weightsInWords({ outcome, predictions: predictions ?? 0, differing: differing ?? 0 }));
  if (outcome === "differs" && flag)
    return (
      <div className="problem mt-4" role="note">
        <p className="font-semibold">It doesn’t rank</p>
        <p className="mt-1 text-ink-2">
          {words}. {reason} Its author can answer, and a maintainer decides:{" "}
          <Link href={`/moderation/${flag}`}>the flag</Link>.
        </p>
      </div>
    );
  return (
    <p className="note mt-3">
      {words}. {reason}
      {url && (
        <>
          {" "}
          This run has scored {plural(scored, "policy", "policies")}:{" "}
          <Link href="/policies/new">try one of yours on it</Link>.
        </>
      )}
    </p>
  );
}
