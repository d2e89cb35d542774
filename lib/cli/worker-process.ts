/** A worker process: does the jobs that its parent sends, one after another. */
import { outliveReaders } from "./streams";

export type WorkerMessage<Progress, Result> =
  | { kind: "progress"; progress: Progress }
  | { kind: "done"; result: Result }
  | { kind: "failed"; message: string };

/** A terminal for a process that nobody sees: warnings reach the parent's standard error. */
export const quietTerminal = {
  err: (text: string) => void process.stderr.write(text),
  progress: () => {},
  signal: new AbortController().signal,
};

/** Serves jobs until the parent is gone; `work` yields progress and returns the result. */
export function serveJobs<Job, Progress, Result>(work: (job: Job) => AsyncGenerator<Progress, Result, void>): void {
  outliveReaders();
  const post = (message: WorkerMessage<Progress, Result>) => process.send!(message);
  const serve = async (job: Job) => {
    try {
      const running = work(job);
      let step = await running.next();
      for (; !step.done; step = await running.next()) post({ kind: "progress", progress: step.value });
      post({ kind: "done", result: step.value });
    } catch (error) {
      post({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  };
  process.on("SIGINT", () => {}); // the parent decides
  process.on("disconnect", () => process.exit());
  process.on("message", (job) => void serve(job as Job));
}
