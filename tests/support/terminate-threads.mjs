/**
 * Loaded into a process with `NODE_OPTIONS=--import`: SIGUSR2 terminates every worker thread that the process has
 * started.
 */
import { createRequire, syncBuiltinESMExports } from "node:module";

const threading = createRequire(import.meta.url)("node:worker_threads");
if (threading.isMainThread) {
  const threads = [];
  const { Worker } = threading;
  threading.Worker = class extends Worker {
    constructor(...settings) {
      super(...settings);
      threads.push(this);
    }
  };
  syncBuiltinESMExports();
  process.on("SIGUSR2", () => {
    for (const thread of threads) void thread.terminate();
  });
}
