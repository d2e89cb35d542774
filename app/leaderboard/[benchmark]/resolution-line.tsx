/** One line above a board: how well it tells its methods apart. */
import Link from "next/link";
import { Tip } from "@/app/_components/controls/tip";
import { count, percent, plural } from "@/app/_components/text/format";
import { fewestSeeds } from "@/lib/evaluation";
import type { Division, Resolution } from "@/lib/leaderboard";
import type { PublishedResults } from "@/lib/server/scoring/published-results";

interface ResolutionLineProps {
  resolution: Resolution;
  division: Division;
  /** Held-out runs that are recorded, and how many there will be; null for runs by users. */
  recorded: { have: number; of: number } | null;
  /** The published results that the board is made of; null if it has enough runs of its own. */
  published: PublishedResults | null;
}

export function ResolutionLine({ resolution, division, recorded, published }: ResolutionLineProps) {
  return (
    <div className="note mt-1">
      {describeResolution(resolution)}
      {published && (
        <>
          {" "}
          Published with DMBench {published.dmbench}, <a href={published.href}>public seeds</a>; anyone can{" "}
          <Link href="/docs/command#results">recompute them</Link>.
        </>
      )}
      {recorded && recorded.have < recorded.of && (
        <>
          {" "}
          {count(recorded.have)} of {count(recorded.of)} runs {published ? "of this site" : ""} so far: see{" "}
          <Link href="/status">what is being recorded</Link>.
        </>
      )}
      {resolution.pairs !== null && (
        <Tip about="resolution">
          <p>
            All pairs are compared at once, so that with 95 % confidence no difference is announced that isn&rsquo;t
            there. {resolution.images === null ? imagesUnknown : imagesKnown}
          </p>
          {division === "open" && <p>Methods are compared on the seeds that at least two thirds of them share.</p>}
        </Tip>
      )}
    </div>
  );
}

const imagesKnown = "Intervals are for other seeds and for other test images: both would change a mean.";
const imagesUnknown =
  "Of older runs it isn’t known which test images were answered right, so intervals are for other seeds only.";

/** "Tells 61 % of pairs apart; sees differences from 0.3 points; …", or what is missing for that. */
function describeResolution({
  methods,
  runs,
  images,
  alike,
  pairs,
  toldApart,
  smallest,
  seedsNeeded,
  exact,
}: Resolution): string {
  if (runs === 0) return "The methods have no runs in common yet, so they can’t be compared.";
  if (pairs === null || toldApart === null)
    return `No ranks yet: they need ${fewestSeeds} runs, there ${runs === 1 ? "is" : "are"} ${count(runs)}.`;
  if (methods < 2) return "One method alone: nothing to tell apart.";
  const parts =
    toldApart === 0
      ? [
          `${plural(runs, "run")} tell nothing apart`,
          seedsNeeded === null
            ? "and more wouldn’t, on these test images"
            : `about ${count(seedsNeeded)} would tell the first from the last`,
        ]
      : [
          `${plural(runs, "run")} tell ${share(toldApart / pairs)} of ${count(pairs)} pairs apart`,
          `sees differences from ${percent(smallest ?? 0, 1)} points`,
        ];
  if (images !== null && alike !== null)
    parts.push(`${count(alike)} of ${count(images)} test images are answered alike by all`);
  if (exact !== null && exact < methods)
    parts.push(`the first ${count(exact)} methods are compared with each other, the rest with the first`);
  return `${parts.join("; ")}.`;
}

/** A share above 0 is never "0 %". */
const share = (fraction: number): string => (fraction < 0.01 ? "under 1 %" : `${Math.round(100 * fraction)} %`);
