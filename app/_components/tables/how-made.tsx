/** How a command that ran many cells made what a page shows: command, versions, machine, runs. */
import type { ReactNode } from "react";
import type { CommandRecord } from "@/lib/records";
import { count, date, plural } from "../text/format";
import { Fact, Facts } from "./facts";

interface HowMadeProps {
  record: CommandRecord;
  seeds: readonly number[];
  /** Links to the files. */
  files: ReactNode;
}

export function HowMade({ record, seeds, files }: HowMadeProps) {
  const { command, machine, jobs, finishedAt, finished, planned, seconds, software, backend } = record;
  return (
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
        {machine.processor}, {plural(machine.cores, "core")}, {machine.memoryGiB} GiB, {machine.system}; {jobs} at once,{" "}
        {(seconds / 3600).toFixed(1)} hours of training and scoring in all
      </Fact>
      <Fact name="Runs">
        {count(finished)} of {count(planned)}, the last on {date(finishedAt)}
      </Fact>
      <Fact name="Files">{files}</Fact>
    </Facts>
  );
}
