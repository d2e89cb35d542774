/**
 * Our training step of a network on WASM: NETWORK THREADS. A separate program, since a backend starts with as many
 * threads as it keeps; prints a JSON object.
 */

import { evaluationsPerRun } from "@/lib/records";
import { startNodeBackend } from "@/lib/runtime/node";
import { trainAndScore } from "@/lib/training";
import { capturedStep, operationsOf, peak } from "./captured";
import { fastest } from "./measure";
import type { NetworkName } from "./networks";
import { networks, planOf } from "./networks";

export interface OurStep {
  /** Images per second of the captured step alone. */
  step: number;
  /** … of a whole run with evaluations on the way, from its start to its last step; null if it isn't timed. */
  run: number | null;
  /** Thousand million operations a second of the products of a step, and of registers alone. */
  products: number;
  peak: number;
}

async function measured(name: NetworkName, threads: number): Promise<OurStep> {
  const { limits } = await startNodeBackend("wasm", { threads });
  const { steps, recipe, wholeRun } = networks[name];
  const captured = await capturedStep(name, threads);
  const list = captured.program.listOf(captured.jobs);
  const repeat = (times: number) => {
    for (let time = 0; time < times; time++) list.run();
  };
  repeat(Math.ceil(steps / 3));
  const seconds = (await fastest(6, () => repeat(steps))) / steps;
  const products = captured.jobs.filter((job) => operationsOf(job) !== null);
  const ofProducts = captured.program.listOf(products);
  const productSeconds = await fastest(6, () => {
    for (let time = 0; time < steps; time++) ofProducts.run();
  });
  const operations = products.reduce((sum, job) => sum + operationsOf(job)!, 0);
  return {
    step: recipe.batchSize / seconds,
    run: wholeRun ? await wholeRunOf(name, limits) : null,
    products: (operations * steps) / productSeconds / 1e9,
    peak: await peak(captured, threads),
  };
}

async function wholeRunOf(name: NetworkName, limits: { tensorBytes: number; totalBytes: number }): Promise<number> {
  const plan = planOf(name);
  const from = performance.now();
  const options = { policies: [], evaluations: evaluationsPerRun, now: () => performance.now(), limits };
  for await (const event of trainAndScore(plan, options))
    if (event.kind === "steps" && event.step === plan.shape.steps) break;
  return (plan.shape.steps * plan.recipe.batchSize) / ((performance.now() - from) / 1000);
}

const [name, threads] = process.argv.slice(2);
console.log(JSON.stringify(await measured(name as NetworkName, Number(threads))));
process.exit(0); // its threads wait for more
