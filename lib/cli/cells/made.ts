/** How cells were made, as the record of a command that ran them says. */
import { arch, cpus, release, totalmem, type } from "node:os";
import type { CommandRecord, Manifest } from "@/lib/records";
import { repairText } from "@/lib/records";

interface Made extends Pick<CommandRecord, "command" | "jobs" | "planned"> {
  /** At least one. */
  cells: readonly { manifest: Manifest }[];
  /** Of all cells together. */
  seconds: number;
}

export function howMade({ command, jobs, planned, cells, seconds }: Made): CommandRecord {
  const { software, backend } = cells[0]!.manifest;
  return {
    command,
    finishedAt: new Date().toISOString(),
    machine: thisMachine(),
    jobs,
    planned,
    finished: cells.length,
    seconds: Math.round(seconds),
    software,
    backend,
  };
}

function thisMachine(): CommandRecord["machine"] {
  const processors = cpus();
  return {
    processor: repairText(processors[0]?.model ?? "", 256) || arch(),
    cores: Math.max(1, processors.length),
    memoryGiB: Math.round((10 * totalmem()) / 2 ** 30) / 10,
    system: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
  };
}
