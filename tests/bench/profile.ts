/** `npm run bench -- --profile`: where the time of a training step goes, on WASM with all threads. */
import os from "node:os";
import { startNodeBackend } from "@/lib/runtime/node";
import { capturedStep, operationsOf, peak } from "./captured";
import type { NetworkName } from "./networks";
import { networks } from "./networks";

/** Prints for each network the share of each operation in its step. */
export async function profile(): Promise<void> {
  const threads = os.availableParallelism();
  await startNodeBackend("wasm", { threads });
  for (const name of Object.keys(networks) as NetworkName[]) await profileStep(name, threads);
}

async function profileStep(name: NetworkName, threads: number): Promise<void> {
  const { steps, title, recipe } = networks[name];
  const captured = await capturedStep(name, threads);
  const lists = captured.jobs.map((job) => captured.program.listOf([job]));
  const whole = captured.program.listOf(captured.jobs);
  for (let time = 0; time < steps; time++) whole.run();
  const seconds = captured.jobs.map(() => 0);
  const rounds = 4 * steps;
  for (let time = 0; time < rounds; time++) {
    for (const [index, list] of lists.entries()) {
      const from = performance.now();
      list.run();
      seconds[index]! += (performance.now() - from) / 1000 / rounds;
    }
  }
  const from = performance.now();
  for (let time = 0; time < rounds; time++) whole.run();
  const together = (performance.now() - from) / 1000 / rounds;
  const sum = seconds.reduce((a, b) => a + b, 0);
  const most = await peak(captured, threads);
  console.log(
    `\n${title}, ${threads} thread(s): ${(1000 * together).toPrecision(3)} ms a step, ` +
      `${Math.round(recipe.batchSize / together).toLocaleString("en")} images/s; peak ${most.toFixed(0)} GFLOP/s`,
  );
  for (const operation of new Set(captured.jobs.map((job) => job.operation))) {
    const jobs = [...captured.jobs.entries()].filter(([, job]) => job.operation === operation);
    const took = jobs.reduce((total, [index]) => total + seconds[index]!, 0);
    const operations = jobs.reduce((total, [, job]) => total + (operationsOf(job) ?? 0), 0);
    const speed = operations / took / 1e9;
    const share =
      operations > 0 ? `${speed.toFixed(1)} GFLOP/s, ${((100 * speed) / most).toFixed(0)} % of the peak` : "";
    console.log(
      `${operation.padEnd(26)} ${String(jobs.length).padStart(4)} ${((100 * took) / sum).toFixed(1).padStart(6)} % ` +
        `${(1e6 * took).toFixed(1).padStart(10)} µs  ${share}`,
    );
  }
}
