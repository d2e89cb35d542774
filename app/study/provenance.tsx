/** How the study was made: command, versions, seeds, machine, files. */
import { Fact, Facts } from "@/app/_components/tables/facts";
import { date, plural } from "@/app/_components/text/format";
import type { Study } from "@/lib/records";
import { studyAddress } from "@/lib/server/study";

export function Provenance({ study }: { study: Study }) {
  const { command, cells, machine, jobs, finishedAt, summary } = study;
  const { software, backend } = cells[0]!.manifest;
  const seeds = [...new Set(summary.regimes.flatMap((regime) => regime.seeds))].sort((a, b) => a - b);
  const hours = cells.reduce((sum, { timings }) => sum + timings.trainingSeconds + timings.scoringSeconds, 0) / 3600;
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
          once, {hours.toFixed(1)} hours of training and scoring in all
        </Fact>
        <Fact name="Finished">{date(finishedAt)}</Fact>
        <Fact name="Files">
          <a href={`${studyAddress}/study.json`}>study.json</a> (all runs),{" "}
          <a href={`${studyAddress}/study.csv`}>study.csv</a> (a line a run and policy),{" "}
          <a href={`${studyAddress}/study.md`}>study.md</a>
        </Fact>
      </Facts>
      <p className="note mt-3">
        The same command makes the same runs again: seeds fix data order and initial weights. It keeps every finished
        run and goes on where it was stopped.
      </p>
    </>
  );
}
