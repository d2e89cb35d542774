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

/** A helper thread ended, or answers no more: the memory is in an unknown state, and the program of no more use. */
export class ThreadDied extends Error {
  override name = "ThreadDied";

  constructor(what: string) {
    super(`a thread of the WASM program ${what}`);
  }
}

export interface Helpers {
  /**
   * Wakes the helpers, runs `callersPart` meanwhile, and returns when all parts are done. It blocks, so browsers allow
   * it in workers only.
   * @throws ThreadDied if a helper has ended, or takes ten seconds longer than the caller
   */
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
  /** Counters: jobs started, parts done, threads that ended. */
  control: Int32Array<SharedArrayBuffer>;
  part: number;
  parts: number;
  scratch: number;
}

const STARTED = 0;
const DONE = 1;
const ENDED = 2;

/** The helpers are usually done when the caller is: it looks this often before it sleeps until they are. */
const SPINS = 10_000;
/** Milliseconds of one sleep. A helper's own end is noticed after it, at the latest. */
const NAP = 100;
/** A helper that is busy elsewhere gets this many naps; time in which the whole process was stopped counts as one. */
const MOST_NAPS = 100;

/** The code of a helper thread. It is sent as text, so it may only use its argument. */
function help({ module, memory, job, scratch, control, part, parts }: Work): void {
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ProgramExports;
  Atomics.add(control, 1, 1);
  for (let seen = 0; ; ) {
    // The next job often follows immediately: spin for a while before sleeping.
    for (let spin = 0; spin < 2000 && Atomics.load(control, 0) === seen; spin++);
    Atomics.wait(control, 0, seen);
    seen = Atomics.load(control, 0);
    try {
      run(job, part, parts, scratch);
    } catch (error) {
      Atomics.add(control, 2, 1);
      throw error;
    } finally {
      Atomics.add(control, 1, 1);
      Atomics.notify(control, 1);
    }
  }
}

/**
 * Starts a helper thread for each working memory except the first.
 * @throws Error if they don't all start within ten seconds
 */
export async function startHelpers({ scratch, ...setup }: Setup): Promise<Helpers> {
  const parts = scratch.length;
  const control = new Int32Array(new SharedArrayBuffer(12));
  for (let part = 1; part < parts; part++)
    await startThread({ ...setup, control, part, parts, scratch: scratch[part]! });
  for (let waited = 0; Atomics.load(control, DONE) < parts - 1; waited += 5) {
    if (waited > 10_000 || Atomics.load(control, ENDED) > 0) throw new ThreadDied("did not start");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const done = () => {
    if (Atomics.load(control, ENDED) > 0) throw new ThreadDied("ended");
    return Atomics.load(control, DONE);
  };
  return {
    share(callersPart) {
      done();
      Atomics.store(control, DONE, 0);
      Atomics.add(control, STARTED, 1);
      Atomics.notify(control, STARTED);
      callersPart();
      for (let spins = 0; spins < SPINS && Atomics.load(control, DONE) < parts - 1; spins++);
      for (let naps = 0, sofar = done(); sofar < parts - 1; sofar = done()) {
        if (Atomics.wait(control, DONE, sofar, NAP) !== "timed-out" || ++naps < MOST_NAPS) continue;
        Atomics.add(control, ENDED, 1); // should it be late, it must not take part in another job
        throw new ThreadDied("does not answer");
      }
    },
  };
}

async function startThread(work: Work): Promise<void> {
  const ended = () => void Atomics.add(work.control, ENDED, 1);
  // In Node, TensorFlow.js defines a global `Worker` of its own.
  if (typeof process === "object" && process.versions?.node) {
    const { Worker: NodeWorker } = await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ "node:worker_threads"
    );
    // No TypeScript loader, which it doesn't need and which takes half a second to start.
    const thread = new NodeWorker(`(${help})(require("node:worker_threads").workerData)`, {
      eval: true,
      execArgv: [],
      workerData: work,
    });
    thread.on("error", ended).on("exit", ended).unref();
    return;
  }
  const program = URL.createObjectURL(
    new Blob([`onmessage = ({ data }) => (${help})(data);`], { type: "text/javascript" }),
  );
  const thread = new Worker(program);
  thread.onerror = ended;
  thread.postMessage(work);
}
