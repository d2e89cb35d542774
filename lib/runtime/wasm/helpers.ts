/**
 * Helper threads of our WASM program: each sleeps until there is a job, computes
 * its part of the job and reports that it is done. Web workers in a browser, worker threads in Node.
 */

/** Exports of the compiled `assembly/`. */
export interface ProgramExports {
  run(job: number, part: number, parts: number, scratch: number): void;
  /** Bytes of working memory for each thread. */
  scratchBytes(): number;
}

export interface Helpers {
  /** Wakes the helpers, runs `callersPart` meanwhile, and returns when all parts are done. */
  share(callersPart: () => void): void;
}

interface Setup {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** Address of the job. */
  job: number;
  /** Address of each thread's working memory; the first is the caller's. */
  scratch: readonly number[];
}

interface Work extends Omit<Setup, "scratch"> {
  /** Counters: jobs started, parts done. */
  control: Int32Array<SharedArrayBuffer>;
  part: number;
  parts: number;
  scratch: number;
}

const STARTED = 0;
const DONE = 1;

/** The code of a helper thread. It is sent as text, so it may only use its argument. */
function help({ module, memory, job, scratch, control, part, parts }: Work): void {
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ProgramExports;
  Atomics.add(control, 1, 1);
  for (let seen = 0; ; ) {
    // The next job often follows immediately: spin for a while before sleeping.
    for (let spin = 0; spin < 2000 && Atomics.load(control, 0) === seen; spin++);
    Atomics.wait(control, 0, seen);
    seen = Atomics.load(control, 0);
    run(job, part, parts, scratch);
    Atomics.add(control, 1, 1);
  }
}

/**
 * Starts a helper thread for each working memory except the first.
 * @throws Error if they don't all start within ten seconds
 */
export async function startHelpers({ scratch, ...setup }: Setup): Promise<Helpers> {
  const parts = scratch.length;
  const control = new Int32Array(new SharedArrayBuffer(8));
  for (let part = 1; part < parts; part++)
    await startThread({ ...setup, control, part, parts, scratch: scratch[part]! });
  for (let waited = 0; Atomics.load(control, DONE) < parts - 1; waited += 5) {
    if (waited > 10_000) throw new Error("the threads of the WASM program did not start");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    share(callersPart) {
      Atomics.store(control, DONE, 0);
      Atomics.add(control, STARTED, 1);
      Atomics.notify(control, STARTED);
      callersPart();
      while (Atomics.load(control, DONE) < parts - 1);
    },
  };
}

async function startThread(work: Work): Promise<void> {
  // In Node, TensorFlow.js defines a global `Worker` of its own.
  if (typeof process === "object" && process.versions?.node) {
    const { Worker: NodeWorker } = await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ "node:worker_threads"
    );
    new NodeWorker(`(${help})(require("node:worker_threads").workerData)`, { eval: true, workerData: work }).unref();
    return;
  }
  const program = URL.createObjectURL(
    new Blob([`onmessage = ({ data }) => (${help})(data);`], { type: "text/javascript" }),
  );
  new Worker(program).postMessage(work);
}
