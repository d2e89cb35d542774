/** How the study was made: command, versions, seeds, machine, files. */
import { HowMade } from "@/app/_components/tables/how-made";
import type { Study } from "@/lib/records";
import type { PublishedSuite } from "@/lib/server/study";
import { studyAddress } from "@/lib/server/study";

export function Provenance({ study, suite = "dissertation" }: { study: Study; suite?: PublishedSuite }) {
  const address = studyAddress(suite);
  const seeds = [...new Set(study.summary.regimes.flatMap((regime) => regime.seeds))].sort((a, b) => a - b);
  return (
    <>
      <HowMade
        record={study}
        seeds={seeds}
        files={
          <>
            <a href={`${address}/study.json`}>study.json</a> (the summary),{" "}
            <a href={`${address}/study.csv.gz`}>study.csv.gz</a> (a line a run and policy),{" "}
            <a href={`${address}/study.md`}>study.md</a>
          </>
        }
      />
      <p className="note mt-3">
        On the same backend the same command makes the same runs again: seeds fix data order and initial weights. (On
        another, sums round differently; where training is chaotic, as in a ResNet-50, runs then part.) It keeps every
        finished run and goes on where it was stopped.
      </p>
    </>
  );
}
