/** The captured step of a network: the jobs that WASM threads compute, again and again. */
import { backend } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "@/lib/runtime/wasm/backend";
import type { Job, WasmProgram } from "@/lib/runtime/wasm/program";
import { startWasmProgram } from "@/lib/runtime/wasm/program";
import { TrainingRun } from "@/lib/training";
import { stepCapture } from "@/lib/training/steps/capture";
import { fastest } from "./measure";
import type { NetworkName } from "./networks";
import { planOf } from "./networks";

export interface Captured {
  jobs: Job[];
  /** A program on the same memory, with threads of its own. */
  program: WasmProgram;
}

/** Trains a few steps of a network on the current backend, which must be WASM, and keeps what was captured. */
export async function capturedStep(name: NetworkName, threads: number): Promise<Captured> {
  const run = new TrainingRun(planOf(name)); // never disposed: the jobs work on its memory
  const backendCapture = stepCapture()!;
  const { capture } = backendCapture;
  let jobs: Job[] = [];
  backendCapture.capture = (step) => {
    const captured = capture(step);
    if (typeof captured === "string") throw new Error(captured);
    jobs = [...captured.dispatches] as Job[];
    return captured;
  };
  run.stepsPerReport = 2;
  await run.steps().next();
  Object.assign(backendCapture, { capture });
  // The clock stands still and the rate is 0, so that each step is the same. Training on one batch for long would end in
  // numbers so small that processors are slow at them.
  const resting = jobs.filter(({ operation }) => operation !== "beginStep");
  return {
    jobs: resting.map((job) =>
      job.operation === "sgd"
        ? { ...job, integers: [...job.integers.slice(0, 4), 0], reals: [0, ...job.reals.slice(1)] }
        : job,
    ),
    program: await startWasmProgram(backend() as unknown as WasmBackend, threads),
  };
}

/** Thousand millions of multiplications and additions a second that all threads together make, in registers alone. */
export async function peak({ program }: Captured, threads: number): Promise<number> {
  const steps = 1_000_000;
  const list = program.listOf([
    { operation: "multiplyAndAdd", integers: [steps], reals: [0.999, 1e-3], work: Number.MAX_SAFE_INTEGER },
  ]);
  return (threads * steps * 96) / (await fastest(10, () => list.run())) / 1e9;
}

/** Multiplications and additions of a job; null if it is no product. */
export const operationsOf = ({ operation, work }: Job): number | null =>
  ["product", "convolution", "kernelGradient", "winograd", "winogradGradient"].includes(operation) ? 2 * work : null;
