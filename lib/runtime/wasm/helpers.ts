/**
 * Helper threads of our WASM program: each sleeps until there is a list of jobs,
 * computes its shares of them and reports that it is done. Web workers in a
 * browser, worker threads in Node.
 */

/** Exports of the compiled `assembly/`. */
export interface ProgramExports {
  /** 1, or 0 if another thread did not come to a barrier. */
  run(list: number, count: number, part: number, parts: number, scratch: number, barrier: number): number;
  /** Bytes of working memory for each thread. */
  scratchBytes(): number;
  /** Bytes of the barrier at which threads wait for each other. */
  barrierBytes(): number;
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
   * Wakes the helpers for the `count` jobs at `list`, runs the caller's shares meanwhile, and returns when all are done.
   * It blocks, so browsers allow it in workers only.
   * @param callersShares returns what `run` returns for `parts` threads
   * @throws ThreadDied if a helper has ended, or takes ten seconds longer than the caller
   */
  share(list: number, count: number, callersShares: (parts: number) => number): void;
}

interface Setup {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** Address of the barrier. */
  barrier: number;
  /** Address of each thread's working memory; the first is the caller's. */
  scratch: readonly number[];
}

interface Work extends Omit<Setup, "scratch"> {
  /** Counters of lists started, threads done and threads ended; then the list's address and its number of jobs. */
  control: Int32Array<SharedArrayBuffer>;
  part: number;
  parts: number;
  scratch: number;
}

const STARTED = 0;
const DONE = 1;
const ENDED = 2;
const LIST = 3;
const COUNT = 4;

/** The helpers are usually done when the caller is: it looks this often before it sleeps until they are. */
const SPINS = 20_000;
/** Milliseconds of one sleep. A helper's own end is noticed after it, at the latest. */
const NAP = 100;
/** A helper that is busy elsewhere gets this many naps; time in which the whole process was stopped counts as one. */
const MOST_NAPS = 100;

/** The code of a helper thread. It is sent as text, so it may only use its argument. */
function help({ module, memory, barrier, scratch, control, part, parts }: Work): void {
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ProgramExports;
  Atomics.add(control, 1, 1);
  for (let seen = 0; ; ) {
    // The next list often follows immediately: spin for a while before sleeping.
    for (let spin = 0; spin < 20000 && Atomics.load(control, 0) === seen; spin++);
    Atomics.wait(control, 0, seen);
    seen = Atomics.load(control, 0);
    try {
      if (!run(control[3]!, control[4]!, part, parts, scratch, barrier)) throw new Error("another thread is gone");
    } catch (error) {
      Atomics.add(control, 2, 1);
      // Nobody shall wait for this thread.
      const arrived = new Int32Array(memory.buffer, barrier, 1);
      Atomics.store(arrived, 0, 2 ** 30);
      Atomics.notify(arrived, 0);
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
  const control = new Int32Array(new SharedArrayBuffer(20));
  const arrived = new Int32Array(setup.memory.buffer, setup.barrier, 1);
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
    share(list, count, callersShares) {
      done();
      control[LIST] = list;
      control[COUNT] = count;
      Atomics.store(arrived, 0, 0);
      Atomics.store(control, DONE, 0);
      Atomics.add(control, STARTED, 1);
      Atomics.notify(control, STARTED);
      if (!callersShares(parts)) {
        Atomics.add(control, ENDED, 1);
        throw new ThreadDied("does not answer");
      }
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
