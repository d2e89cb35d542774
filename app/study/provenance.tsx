/** How the study was made: command, versions, seeds, machine, files. */
import { Fact, Facts } from "@/app/_components/tables/facts";
import { count, date, plural } from "@/app/_components/text/format";
import type { Study } from "@/lib/records";
import { studyAddress } from "@/lib/server/study";

export function Provenance({ study }: { study: Study }) {
  const { command, machine, jobs, finishedAt, finished, planned, seconds, software, backend, summary } = study;
  const seeds = [...new Set(summary.regimes.flatMap((regime) => regime.seeds))].sort((a, b) => a - b);
  return (
    <>
      <Facts>
        <Fact name="Command">
          <code className="break-all">{command}</code>
        </Fact>
        <Fact name="Versions">
          dmbench {software.dmbench}, TensorFlow.js {software.tfjs}, Node {machine.node}, {backend.name} (
          {backend.adapter})
        </Fact>
        <Fact name="Seeds">{seeds.join(", ")}</Fact>
        <Fact name="Machine">
          {machine.processor}, {plural(machine.cores, "core")}, {machine.memoryGiB} GiB, {machine.system}; {jobs} at
          once, {(seconds / 3600).toFixed(1)} hours of training and scoring in all
        </Fact>
        <Fact name="Runs">
          {count(finished)} of {count(planned)}, the last on {date(finishedAt)}
        </Fact>
        <Fact name="Files">
          <a href={`${studyAddress}/study.json`}>study.json</a> (the summary),{" "}
          <a href={`${studyAddress}/study.csv.gz`}>study.csv.gz</a> (a line a run and policy),{" "}
          <a href={`${studyAddress}/study.md`}>study.md</a>
        </Fact>
      </Facts>
      <p className="note mt-3">
        On the same backend the same command makes the same runs again: seeds fix data order and initial weights. (On
        another, sums round differently; where training is chaotic, as in a ResNet-50, runs then part.) It keeps every
        finished run and goes on where it was stopped.
      </p>
    </>
  );
}
