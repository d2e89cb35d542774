/**
 * Helper threads of our WASM program: each sleeps until there is a job, does its
 * part and says so. In a browser they are workers, in Node worker threads.
 */

/** What `assembly/` compiles to. */
export interface ProgramExports {
  run(job: number, part: number, parts: number, scratch: number): void;
  /** Bytes of working memory for each thread. */
  scratchBytes(): number;
}

export interface Helpers {
  /** Wakes the helpers, does `ownPart` meanwhile, and returns when all parts are done. */
  share(ownPart: () => void): void;
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
  /** Jobs given out, jobs' parts done. */
  control: Int32Array<SharedArrayBuffer>;
  part: number;
  parts: number;
  scratch: number;
}

const GIVEN = 0;
const DONE = 1;

/** What a helper runs. It is sent as text, so it reads nothing but its argument. */
function help({ module, memory, job, scratch, control, part, parts }: Work): void {
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ProgramExports;
  Atomics.add(control, 1, 1);
  for (let seen = 0; ; ) {
    // A next job often follows at once: look a while before sleeping.
    for (let look = 0; look < 2000 && Atomics.load(control, 0) === seen; look++);
    Atomics.wait(control, 0, seen);
    seen = Atomics.load(control, 0);
    run(job, part, parts, scratch);
    Atomics.add(control, 1, 1);
  }
}

/**
 * Starts a helper for each working memory but the first. @throws Error where a helper doesn't start within ten seconds
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
    share(ownPart) {
      Atomics.store(control, DONE, 0);
      Atomics.add(control, GIVEN, 1);
      Atomics.notify(control, GIVEN);
      ownPart();
      while (Atomics.load(control, DONE) < parts - 1);
    },
  };
}

async function startThread(work: Work): Promise<void> {
  // TensorFlow.js gives Node a `Worker` of its own making.
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
