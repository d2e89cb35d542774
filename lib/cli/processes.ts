/** Independent jobs, distributed over worker processes: one that crashes its process leaves the others running. */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { WorkerMessage } from "./worker-process";

interface Processes<Task, Job> {
  /** The module that a process runs: it calls `serveJobs`. */
  program: URL;
  /** How many at once. */
  processes: number;
  /** What is sent for a task. */
  jobOf(task: Task): Job;
  signal: AbortSignal;
}

interface Listeners<Task, Progress, Result> {
  done(task: Task, result: Result): Promise<void>;
  failed(task: Task, message: string): void;
  progress(task: Task, progress: Progress): void;
}

/** An equal share of the cores for each of `processes`. */
export const threadsFor = (processes: number) =>
  Math.max(1, Math.floor(availableParallelism() / Math.max(1, processes)));

/** Does every task once, and tells what became of it. When the signal aborts, ends the processes and throws its reason. */
export async function inProcesses<Task, Job, Progress, Result>(
  tasks: readonly Task[],
  { program, processes, jobOf, signal }: Processes<Task, Job>,
  listeners: Listeners<Task, Progress, Result>,
): Promise<void> {
  const queue = [...tasks];
  const children = new Set<ChildProcess>();
  const end = () => {
    for (const child of children) child.kill("SIGKILL");
  };
  signal.addEventListener("abort", end);
  const lane = async () => {
    let child: ChildProcess | null = null;
    while (queue.length > 0 && !signal.aborted) {
      const task = queue.shift()!;
      if (!child?.connected) {
        child = fork(fileURLToPath(program), {
          execArgv: ["--import", "tsx"],
          stdio: ["ignore", "ignore", "inherit", "ipc"],
        });
        children.add(child);
      }
      const outcome = await outcomeOf<Progress, Result>(child, jobOf(task), (progress) =>
        listeners.progress(task, progress),
      );
      if (signal.aborted) break;
      if (outcome.kind === "done") await listeners.done(task, outcome.result);
      else listeners.failed(task, outcome.message);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(processes, tasks.length) }, lane));
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

type Outcome<Result> = Exclude<WorkerMessage<never, Result>, { kind: "progress" }>;

/** The outcome of one job. A process that exits before it reports has failed. */
function outcomeOf<Progress, Result>(
  child: ChildProcess,
  job: unknown,
  onProgress: (progress: Progress) => void,
): Promise<Outcome<Result>> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome<Result>) => {
      child.off("message", receive).off("exit", exited);
      resolve(outcome);
    };
    const receive = (sent: unknown) => {
      const message = sent as WorkerMessage<Progress, Result>;
      if (message.kind === "progress") onProgress(message.progress);
      else settle(message);
    };
    const exited = (code: number | null, signal: string | null) =>
      settle({
        kind: "failed",
        message: `its process ended (${signal ?? `exit code ${code}`}); it may have run out of memory`,
      });
    child.on("message", receive).on("exit", exited);
    child.send(job as object);
  });
}
